import { expect, test } from "vitest";
import { conversionOf, conversionWords, converted, convertedCells } from "./conversion";

const attribute = (name: string, value: unknown) => ({ name, value });

test("numbers that nothing is said of are what they are", () => {
  expect(conversionOf([attribute("units", "K")])).toBeNull();
  expect(conversionOf([attribute("scale_factor", [1]), attribute("add_offset", 0)])).toBeNull();
});

test("packed numbers are unpacked, and those that stand for none are none", () => {
  const conversion = conversionOf([
    attribute("_FillValue", [-32768]),
    attribute("missing_value", -1n),
    attribute("scale_factor", [0.5]),
    attribute("add_offset", [-10]),
  ]);
  expect(conversion).toEqual({ fills: [-32768, -1], scale: 0.5, offset: -10 });
  if (!conversion) return;
  expect(converted(conversion, 30)).toBe(5);
  expect(converted(conversion, -32768)).toBeNaN();
  expect(conversionWords(conversion)).toBe("× 0.5, − 10, without -32768 and -1");
});

test("what is not one number converts nothing", () => {
  expect(
    conversionOf([attribute("scale_factor", "2"), attribute("_FillValue", [1, 2])]),
  ).toBeNull();
});

test("a cell with a number in it that stands for none is left out as a whole", () => {
  const conversion = { fills: [99], scale: 1, offset: 0 };
  const stored = {
    min: Float64Array.of(1, 2, 99),
    max: Float64Array.of(3, 99, 99),
    mean: Float64Array.of(2, 50, 99),
  };
  expect(convertedCells(conversion, stored)).toEqual({
    min: Float64Array.of(1, NaN, NaN),
    max: Float64Array.of(3, NaN, NaN),
    mean: Float64Array.of(2, NaN, NaN),
    hasGaps: true,
  });
});

test("a negative scale makes the least number the greatest", () => {
  const stored = { min: Float64Array.of(1), max: Float64Array.of(3), mean: null };
  const { min, max, hasGaps } = convertedCells({ fills: [], scale: -2, offset: 0 }, stored);
  expect([min[0], max[0], hasGaps]).toEqual([-6, -2, false]);
});
