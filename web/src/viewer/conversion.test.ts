import { expect, test } from "vitest";
import type { Preview } from "../api/models";
import {
  cellsOf,
  conversionOf,
  conversionWords,
  converted,
  convertedList,
  missingTexts,
  signWords,
} from "./conversion";

const INT64 = { class: "integer", size: 8, signed: true, order: "little" } as const;
const FLOAT = { class: "float", size: 4, order: "little" } as const;

/** What attributes say of a dataset. */
const conversion = (given: Record<string, unknown>, datatype?: typeof INT64 | typeof FLOAT) =>
  conversionOf({
    attributes: Object.entries(given).map(([name, value]) => ({ name, value })),
    datatype: datatype ?? INT64,
  });

test("numbers that nothing is said of are what they are", () => {
  expect(conversion({ units: "K" })).toBeNull();
  expect(conversion({ scale_factor: [1], add_offset: 0 })).toBeNull();
});

test("packed numbers are unpacked, and those that stand for none are none", () => {
  const found = conversion({
    _FillValue: [-32768],
    missing_value: -1,
    scale_factor: [0.5],
    add_offset: [-10],
  });
  expect(found).toEqual({ fills: [-32768, -1], scale: 0.5, offset: -10, digits: 15 });
  if (!found) return;
  expect(converted(found, 30)).toBe(5);
  expect(converted(found, -32768)).toBeNaN();
  expect(conversionWords(found)).toBe("× 0.5, − 10, without -32768 and -1");
});

test("numbers of single precision are meant as they were written, and say no more digits", () => {
  const scale = { name: "scale_factor", value: Math.fround(0.01), datatype: FLOAT };
  const found = conversionOf({ attributes: [scale], datatype: INT64 });
  expect(found).toEqual({ fills: [], scale: 0.01, offset: 0, digits: 7 });
  expect(conversion({ scale_factor: 0.1 }, FLOAT)?.digits).toBe(7);
});

test("there may be several numbers that stand for none, with more digits than a double has", () => {
  const found = conversion({
    _FillValue: -9223372036854775808n,
    missing_value: [-9223372036854775807n, -1, -1],
  });
  expect(missingTexts(found)).toEqual(["-9223372036854775808", "-9223372036854775807", "-1"]);
  expect(found && converted(found, -9223372036854775807n)).toBeNaN();
  expect(found && converted(found, -9223372036854775806n)).toBe(-9223372036854776000);
  expect(missingTexts(null)).toEqual([]);
});

test("numbers that are said to have no sign are shown with one, and that is told", () => {
  const attributes = [{ name: "_Unsigned", value: "true" }];
  expect(signWords({ attributes, datatype: { ...INT64, size: 2 } })).toMatch(/add 65536 to/);
  expect(signWords({ attributes, datatype: INT64 })).toMatch(/add 18446744073709551616 to/);
  expect(signWords({ attributes, datatype: { ...INT64, signed: false } })).toBeNull();
  expect(signWords({ attributes: [], datatype: INT64 })).toBeNull();
});

test("a fill value of double precision is the one that single precision stores for it", () => {
  const found = conversion({ missing_value: -999.9 }, FLOAT);
  expect(found?.fills).toEqual([Math.fround(-999.9)]);
  expect(missingTexts(found)).toEqual(["-999.9000244140625"]);
  expect(missingTexts(conversion({ _FillValue: 1e30 }, FLOAT))).toEqual(["1.0000000150474662e+30"]);
});

test("a fill value that single precision cannot store is none of its infinities", () => {
  expect(missingTexts(conversion({ _FillValue: 1e300 }, FLOAT))).toEqual(["1e+300"]);
});

test("no more numbers are sent than the server takes", () => {
  const many = Array.from({ length: 50 }, (_, number) => number);
  expect(missingTexts(conversion({ missing_value: many }))).toHaveLength(16);
});

test("what is no number converts nothing", () => {
  expect(conversion({ scale_factor: "2", _FillValue: "-", missing_value: ["NaN"] })).toBeNull();
});

test("of a list those that stand for none are found by all their digits", () => {
  const stored = [9007199254740993n, 9007199254740995n, 5, "NaN"];
  const found = { fills: [9007199254740993n], scale: 2, offset: 1, digits: 15 };
  expect([...convertedList(found, stored)]).toEqual([NaN, 18014398509481992, 11, NaN]);
  expect([...convertedList(null, [1, null])]).toEqual([1, NaN]);
});

test("a negative scale makes the least number the greatest, and what is empty stays so", () => {
  const { min, max, mean } = cellsOf({ min: [1, null], max: [3, null] } as Preview, {
    fills: [],
    scale: -2,
    offset: 0,
    digits: 15,
  });
  expect([[...min], [...max], mean]).toEqual([[-6, NaN], [-2, NaN], null]);
});
