import { expect, test } from "vitest";
import type { Datatype } from "../api/models";
import { conversionOf } from "./conversion";
import { isOutside } from "./valid";

const INT16 = { class: "integer", size: 2, signed: true, order: "little" } as const;
const SINGLE = { class: "float", size: 4, order: "little" } as const;
const DOUBLE = { class: "float", size: 8, order: "little" } as const;

type Given = Record<string, [unknown, Datatype]>;

/** Which of the numbers of a type attributes with types of their own say are valid. */
function validOf(datatype: Datatype, given: Given) {
  const attributes = Object.entries(given).map(([name, [value, datatype]]) => ({
    ...{ name, value, datatype },
  }));
  return conversionOf({ attributes, datatype })?.valid ?? null;
}

test("valid numbers are said by one attribute, or by one or both of two", () => {
  expect(validOf(INT16, { valid_range: [[0, 4095], INT16] })).toEqual({ least: 0, most: 4095 });
  expect(validOf(INT16, { valid_min: [3, INT16] })).toEqual({ least: 3, most: null });
  expect(validOf(INT16, { valid_max: [[9], INT16] })).toEqual({ least: null, most: 9 });
  const both: Given = { valid_min: [3, INT16], valid_max: [9, INT16] };
  expect(validOf(INT16, both)).toEqual({ least: 3, most: 9 });
  const three: Given = { ...both, valid_range: [[4, 5], INT16] };
  expect(validOf(INT16, three)).toEqual({ least: 4, most: 5 });
});

test.each<[string, Given]>([
  ["an end that is no number", { valid_range: [["NaN", 4], DOUBLE] }],
  ["texts", { valid_range: [["0", "9"], DOUBLE], valid_max: ["9", DOUBLE] }],
  ["nothing between the ends", { valid_range: [[5, 4], INT16] }],
  ["one number in the place of two", { valid_range: [[5], INT16] }],
  ["three numbers", { valid_range: [[1, 2, 3], INT16] }],
  ["nothing", {}],
])("all numbers are valid with %s", (_, given) => {
  expect(validOf(INT16, given)).toBeNull();
});

test("floats that are said of packed integers are what these stand for", () => {
  const packing: Given = { scale_factor: [0.01, DOUBLE], add_offset: [-5, DOUBLE] };
  const range: Given = { valid_range: [[-5, 35.96], DOUBLE] };
  expect(validOf(INT16, { ...packing, ...range })).toEqual({ least: 0, most: 4096 });
  // Between two integers it is the inner one.
  const between: Given = { valid_range: [[-4.995, 35.955], DOUBLE] };
  expect(validOf(INT16, { ...packing, ...between })).toEqual({ least: 1, most: 4095 });
  const stored: Given = { valid_range: [[0, 4096], INT16] };
  expect(validOf(INT16, { ...packing, ...stored })).toEqual({ least: 0, most: 4096 });
});

test("of numbers that fall where stored ones rise, the least is what the greatest stands for", () => {
  const falling: Given = { scale_factor: [-0.5, DOUBLE], add_offset: [12, DOUBLE] };
  expect(validOf(INT16, { ...falling, valid_range: [[0, 10], DOUBLE] })).toEqual({
    least: 4,
    most: 24,
  });
  expect(validOf(INT16, { ...falling, valid_max: [10, DOUBLE] })).toEqual({ least: 4, most: null });
});

test("what single precision says is meant as it was written", () => {
  const packing: Given = { scale_factor: [Math.fround(0.1), SINGLE] };
  const range: Given = { valid_range: [[Math.fround(0.3), Math.fround(6553.5)], SINGLE] };
  expect(validOf(INT16, { ...packing, ...range })).toEqual({ least: 3, most: 65535 });
});

test("a scale of zero leaves nothing to be told of stored numbers", () => {
  const given: Given = { scale_factor: [0, DOUBLE], valid_range: [[1, 2], DOUBLE] };
  expect(validOf(INT16, given)).toBeNull();
});

test("floats are compared in their own precision, whatever they are multiplied by", () => {
  const given: Given = { valid_max: [0.1, DOUBLE], scale_factor: [10, DOUBLE] };
  const valid = validOf(SINGLE, given);
  expect(valid).toEqual({ least: null, most: Math.fround(0.1) });
  expect(valid && isOutside(valid, Math.fround(0.1))).toBe(false);
});

test("what is beyond the ends is outside, with all digits, and what is no number is not", () => {
  const valid = { least: -(2n ** 60n), most: 9007199254740993n };
  const outside = (numbers: unknown[]) => numbers.map((number) => isOutside(valid, number));
  expect(outside([-(2n ** 60n), 0, 9007199254740993n])).toEqual([false, false, false]);
  expect(outside([-(2n ** 60n) - 1n, 9007199254740994n, "Infinity"])).toEqual([true, true, true]);
  expect(outside(["NaN", null, undefined, [1]])).toEqual([false, false, false, false]);
});
