import { expect, test } from "vitest";
import { indexAxis } from "./axes";
import { envelopeOf, hasLonely, numbersOf } from "./numbers";

test("numbers that JSON cannot say are read from their words", () => {
  const value = [
    [1, "NaN"],
    ["-Infinity", null],
    [12345678901234567890n, 0.5],
  ];
  expect([...numbersOf(value)]).toEqual([1, NaN, -Infinity, NaN, 12345678901234567000, 0.5]);
});

test("where each cell is one number the line goes through these", () => {
  const numbers = Float64Array.of(5, 7, 6);
  const { at, values } = envelopeOf(
    indexAxis({ dimension: 0, start: 10, step: 1, count: 3, cells: 3 }, "x"),
    numbers,
    numbers,
  );
  expect([...at]).toEqual([10, 11, 12]);
  expect([...values]).toEqual([5, 7, 6]);
});

test("a number between two edges is drawn in their middle", () => {
  const axis = indexAxis({ dimension: 0, start: 0, step: 1, count: 2, cells: 2 }, "x");
  const between = { ...axis, from: Float64Array.of(10, 14), to: Float64Array.of(14, 20) };
  const { at } = envelopeOf(between, Float64Array.of(1, 2), Float64Array.of(1, 2));
  expect([...at]).toEqual([12, 17]);
});

test("where a cell is many numbers the line has its least and its greatest", () => {
  const axis = indexAxis({ dimension: 0, start: 0, step: 1, count: 8, cells: 2 }, "x");
  const { at, values } = envelopeOf(axis, Float64Array.of(1, 2), Float64Array.of(9, 3));
  expect([...at]).toEqual([1, 3, 5, 7]);
  expect([...values]).toEqual([1, 9, 2, 3]);
});

test.each([
  [[NaN, 1, NaN, 2, 3], true],
  [[1, 2, NaN, 3], true],
  [[7], true],
  [[1, 2, NaN, 3, 4], false],
  [[NaN, Infinity, NaN], false],
])("whether there is a number of %o that no line leads to: %o", (numbers, expected) => {
  expect(hasLonely(Float64Array.from(numbers))).toBe(expected);
});
