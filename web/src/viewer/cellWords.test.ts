import { expect, test } from "vitest";
import type { Preview } from "../api/models";
import { PLAIN } from "../testing/plainConversion";
import { coordinateAxis, indexAxis } from "./axes";
import type { Drawing } from "./drawing";
import { heatmapWords, lineWords } from "./cellWords";

const INT64 = { class: "integer", size: 8, signed: true, order: "little" } as const;
const side = (dimension: number, cells: number, count = cells, start = 0) => ({
  ...{ dimension, start, step: 1, count, cells },
});

function drawingOf(given: Partial<Preview>): Drawing {
  const { columns, rows } = given;
  const preview = { datatype: INT64, selection: ":", ...given } as Preview;
  return {
    preview,
    across: indexAxis(columns, "x"),
    down: rows ? indexAxis(rows, "y") : null,
    errors: null,
    auxiliaries: [],
  };
}

test("a place of a line is told with its index, its coordinate and all digits of its number", () => {
  const numbers = [1, 9007199254740993n, 3];
  const columns = side(1, 3, 3, 7);
  const drawing = drawingOf({ columns, selection: "4,7:10:1", min: numbers, max: numbers });
  const places = Float64Array.of(1700000000.25, 1700000000.5, 1700000000.75);
  const coordinates = { columns, min: places, max: places, isSampled: false };
  const across = coordinateAxis(columns, "time (s)", coordinates) ?? drawing.across;
  expect(lineWords({ ...drawing, across }, null, null, [])(1)).toEqual({
    place: ["[4, 8]", "time (s) = 1700000000.5"],
    value: "9007199254740993",
    others: [],
  });
});

test("a part of a line is told with its ends, and what stands for no number with none", () => {
  const columns = side(0, 3, 10);
  const drawing = drawingOf({ columns, min: [1, 4, null], max: [3, 8, null] });
  const words = lineWords(
    drawing,
    { ...PLAIN, fills: [9], scale: -0.5, offset: 1, digits: 7 },
    null,
    [],
  );
  // Of ten indices 0 to 3, 4 to 6 and 7 to 9 are in the three cells.
  expect(words(0)).toEqual({ place: ["[0:4]"], value: "-0.5 to 0.5", others: [] });
  expect(words(1)).toEqual({ place: ["[4:7]"], value: "-3 to -1", others: [] });
  expect(words(2)).toEqual({ place: ["[7:10]"], value: "no number", others: [] });
});

test("errors and further lines are told with a place", () => {
  const columns = side(0, 2);
  const drawing = {
    ...drawingOf({ columns, min: [1, 2], max: [1, 2] }),
    auxiliaries: [null, drawingOf({ columns, min: [5, 6], max: [5, 6] }).preview],
  };
  const beside = (label: string) => ({
    object: { path: "/b" },
    label,
    reading: {},
    conversion: null,
  });
  const words = lineWords(drawing, null, Float64Array.of(0.1, 0.2), [
    beside("gone"),
    beside("b (V)"),
  ]);
  expect(words(1)).toEqual({ place: ["[1]"], value: "2 ± 0.2", others: ["b (V): 6"] });
});

test("a cell of a heatmap is told with its mean and its ends, and one that is an element with it", () => {
  const sides = { rows: side(1, 2, 4), columns: side(2, 2), selection: "3,0:4:1,0:2:1" };
  const min = [
    [1, 2n ** 60n],
    [3, null],
  ];
  const max = [
    [5, 2n ** 60n],
    [8, null],
  ];
  const mean = [
    [2.5, 1152921504606846976],
    [4, null],
  ];
  const words = heatmapWords(drawingOf({ ...sides, min, max, mean }), null);
  expect(words(0, 0)).toEqual({ place: ["[3, 0:2, 0]"], value: "mean 2.5, 1 to 5", others: [] });
  expect(words(0, 1).value).toBe("1152921504606846976");
  expect(words(1, 1)).toEqual({ place: ["[3, 2:4, 1]"], value: "no number", others: [] });
});

test("a cell of which nothing was read says so", () => {
  const statistics = { count: 3, nan_count: 0, min: 1, max: 5, mean: 2, std: 1, sampled: true };
  const sides = { rows: side(0, 1), columns: side(1, 3, 300), selection: ":,:" };
  const cells = { min: [[1, null, null]], max: [[5, null, null]], mean: [[2, null, null]] };
  const drawing = drawingOf({ ...sides, ...cells, statistics, count: [[3, 0, 7]] });
  const words = heatmapWords(drawing, null);
  expect(words(0, 0).value).toBe("mean 2 of 3, 1 to 5");
  expect(words(0, 1).value).toBe("not read");
  expect(words(0, 2).value).toBe("no number");
});

test("a cell of an enumeration is told by name and number, and names hide nothing", () => {
  const members = { OFF: 0, ON: 1, ALSO_ON: 1, "\u202eKO": 7 };
  const datatype = { class: "enum" as const, base: INT64, members };
  const columns = side(0, 5);
  const [min, max] = [
    [0, 1, 7, 3, 0],
    [0, 1, 7, 3, 1],
  ];
  const words = lineWords(drawingOf({ datatype, columns, min, max }), null, null, []);
  const values = [0, 1, 2, 3, 4].map((cell) => words(cell).value);
  expect(values).toEqual(["OFF (0)", "ON (1)", "\\u202eKO (7)", "3", "OFF (0) to ON (1)"]);
});

test("what is read of complex numbers has the digits that their parts have", () => {
  const of = (size: number) => ({
    class: "complex" as const,
    base: { class: "float" as const, size, order: "little" as const },
  });
  const min = [Math.hypot(Math.fround(0.1), 1), "NaN"];
  const told = (size: number) => {
    const drawing = drawingOf({ datatype: of(size), columns: side(0, 2), min, max: min });
    const words = lineWords(drawing, null, null, []);
    return [words(0).value, words(1).value];
  };
  expect(told(4)).toEqual(["1.0049876", "NaN"]);
  expect(told(8)[0]).toMatch(/^1\.0049875\d{8}/);
});
