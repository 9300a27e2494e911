import { expect, test } from "vitest";
import { coordinateAxis, dimensionScales, evenEdges, indexAxis, indicesBetween } from "./axes";

const cells = (count: number, of = count, start = 0) => ({
  dimension: 0,
  start,
  step: 1,
  count: of,
  cells: count,
});

const all = (min: Float64Array, max = min) => ({
  columns: cells(min.length),
  min,
  max,
  isSampled: false,
});

test("dimension scales are found by path, else by address; a dimension may have none", () => {
  const value = [
    [{ reference: "object", address: 96, path: "/time" }],
    [{ reference: "object", address: 800, path: null }],
    [],
  ];
  const scales = dimensionScales([{ name: "DIMENSION_LIST", value }]);
  expect(scales).toEqual([{ path: "/time" }, { address: "800" }, null]);
  expect(dimensionScales([{ name: "DIMENSION_LIST", value: "no list" }])).toEqual([]);
});

test("the cells of indices lie around them", () => {
  expect([...(evenEdges(indexAxis(cells(3), "x")) ?? [])]).toEqual([-0.5, 0.5, 1.5, 2.5]);
  expect([...(evenEdges(indexAxis(cells(2, 8, 100), "x")) ?? [])]).toEqual([99.5, 103.5, 107.5]);
});

test("coordinates that fall are drawn so", () => {
  const numbers = Float64Array.of(90, 0, -90);
  const axis = coordinateAxis(cells(3), "lat", all(numbers));
  expect(axis && [...(evenEdges(axis) ?? [])]).toEqual([135, 45, -45, -135]);
});

test("coordinates that are not even have no edges to draw a picture between", () => {
  const numbers = Float64Array.of(1, 10, 1000);
  const axis = coordinateAxis(cells(3), "f", all(numbers));
  expect(axis && evenEdges(axis)).toBeNull();
});

test("what is no number, or not of these cells, is no axis", () => {
  const numbers = Float64Array.of(1, NaN);
  expect(coordinateAxis(cells(2), "x", all(numbers))).toBeNull();
  expect(coordinateAxis(cells(3), "x", all(Float64Array.of(1, 2)))).toBeNull();
});

test("of coordinates of which some were read the others lie evenly between", () => {
  const read = Float64Array.of(10, NaN, 30);
  const coordinates = { columns: cells(3, 30), min: read, max: read, isSampled: true };
  const axis = coordinateAxis(cells(6, 30), "x", coordinates);
  // Those that were read are in the middle of their cells, at the indices 5 and 25.
  expect(axis).toMatchObject({ label: "x, even between what was read", isOfIndices: false });
  expect([...(axis?.from ?? [])]).toEqual([5, 10, 15, 20, 25, 30]);
  expect([...(axis?.to ?? [])]).toEqual([10, 15, 20, 25, 30, 35]);
  const one = { ...coordinates, min: Float64Array.of(NaN, 1, NaN) };
  expect(coordinateAxis(cells(6, 30), "x", one)).toBeNull();
});

test.each([
  ["indices", 2.6, 5.4, { start: 3, stop: 6 }],
  ["the other way round", 5.4, 2.6, { start: 3, stop: 6 }],
  ["one, where it is between none", 4.2, 4.3, { start: 4, stop: 5 }],
  ["all, where it is beyond", -100, 100, { start: 0, stop: 10 }],
])("a part of a picture is %s", (_, one, other, range) => {
  expect(indicesBetween(indexAxis(cells(10), "x"), one, other)).toEqual(range);
});

test("a part of a picture of coordinates is a range of their indices", () => {
  const min = Float64Array.of(10, 30, 50);
  const max = Float64Array.of(20, 40, 60);
  const axis = coordinateAxis(cells(3, 6, 100), "x", all(min, max));
  expect(axis && indicesBetween(axis, 30, 60)).toEqual({ start: 102, stop: 106 });
});
