import { expect, test } from "vitest";
import type { MetaAnswer, Target } from "../api/models";
import { MockProvider, type MockObject } from "../testing/MockProvider";
import { mayPlot, plotOf } from "./nexus";

const line: MockObject = { shape: [5], dtype: "int32" };
const grid: MockObject = { shape: [4, 5], dtype: "int32" };

/** What is drawn of a file. */
async function plotted(root: MockObject, group: Target = { path: "/" }) {
  const provider = new MockProvider({ "a.nxs": root });
  const ask = async (object: Target): Promise<MetaAnswer> =>
    await provider.meta({ key: "a.nxs", object });
  return await plotOf(ask, group);
}

test("default leads down to the data, whose axes belong to its dimensions", async () => {
  const data = {
    children: { counts: grid, x: line, y: line },
    attributes: { signal: "counts", axes: [".", "x"] },
  };
  const entry = { children: { data }, attributes: { default: "data" } };
  const root = { children: { entry }, attributes: { default: "entry" } };
  expect(await plotted(root)).toEqual({
    signal: { path: "/entry/data/counts" },
    axes: [null, { path: "/entry/data/x" }],
    points: null,
  });
});

test("an axis may say which dimension it belongs to", async () => {
  const attributes = { signal: "counts", axes: ["x", "y"], x_indices: 1, y_indices: [0] };
  const plot = await plotted({ children: { counts: grid }, attributes });
  expect(plot?.axes).toEqual([{ path: "/y" }, { path: "/x" }]);
});

test("a list with two axes is a list of points", async () => {
  const attributes = { signal: "counts", axes: ["x", "y"] };
  const plot = await plotted({ children: { counts: line }, attributes });
  expect(plot?.points).toEqual([{ path: "/x" }, { path: "/y" }]);
});

test("nothing is drawn of what says nothing, of a group as signal, or of a ring of defaults", async () => {
  expect(await plotted({ children: {} })).toBeNull();
  expect(
    await plotted({ children: { g: { children: {} } }, attributes: { signal: "g" } }),
  ).toBeNull();
  expect(await plotted({ children: {}, attributes: { default: "/" } })).toBeNull();
});

test("only a group with a word of it may be drawn", () => {
  expect(mayPlot([{ name: "signal", value: "x" }])).toBe(true);
  expect(mayPlot([{ name: "default", value: ["entry"] }])).toBe(true);
  expect(mayPlot([{ name: "signal", value: 1 }])).toBe(false);
});
