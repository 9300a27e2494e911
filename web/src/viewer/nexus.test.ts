import { expect, test } from "vitest";
import type { Target } from "../api/models";
import { ApiError } from "../api/problem";
import { MockProvider, type MockObject } from "../testing/MockProvider";
import { mayPlot, plotOf } from "./nexus";

type Attributes = Record<string, unknown>;
const line = (attributes: Attributes = {}): MockObject => ({
  ...{ shape: [5], dtype: "int32", attributes },
});
const grid = (attributes: Attributes = {}): MockObject => ({
  ...{ shape: [4, 5], dtype: "int32", attributes },
});

/** What is drawn of a file, by paths. */
async function plotted(
  root: MockObject,
  group: Target = { path: "/" },
  provider = new MockProvider({ "a.nxs": root }),
) {
  const key = "a.nxs";
  const plot = await plotOf(
    {
      meta: async (object) => await provider.meta({ key, object }),
      children: async (group, q, limit) =>
        (await provider.children({ key, group, q, limit })).children,
    },
    group,
  );
  if (plot === null) return null;
  const { signal, errors, auxiliaries, ...places } = plot;
  const path = (field: typeof errors) => field?.object.path ?? null;
  return {
    ...{ signal: path(signal), errors: path(errors), auxiliaries: auxiliaries.map(path) },
    ...places,
  };
}

test("default leads down to the data, whose axes belong to its dimensions", async () => {
  const data = {
    children: { counts: grid(), x: line(), y: line() },
    attributes: { signal: "counts", axes: [".", "x"] },
  };
  const entry = { children: { data }, attributes: { default: "data" } };
  const root = { children: { entry }, attributes: { default: "entry" } };
  expect(await plotted(root)).toEqual({
    signal: "/entry/data/counts",
    axes: [null, { path: "/entry/data/x" }],
    points: null,
    errors: null,
    auxiliaries: [],
  });
});

test("an axis may say which dimension it belongs to", async () => {
  const attributes = { signal: "counts", axes: ["x", "y"], x_indices: 1, y_indices: [0] };
  const plot = await plotted({ children: { counts: grid() }, attributes });
  expect(plot?.axes).toEqual([{ path: "/y" }, { path: "/x" }]);
});

test("a list with two axes is a list of points", async () => {
  const attributes = { signal: "counts", axes: ["x", "y"] };
  const plot = await plotted({ children: { counts: line() }, attributes });
  expect(plot?.points).toEqual([{ path: "/x" }, { path: "/y" }]);
});

test("errors go by the name of the signal, else by their own", async () => {
  const attributes = { signal: "counts" };
  const children = { counts: line(), errors: line(), counts_errors: line() };
  expect((await plotted({ children, attributes }))?.errors).toBe("/counts_errors");
  const { counts, errors } = children;
  expect((await plotted({ children: { counts, errors }, attributes }))?.errors).toBe("/errors");
  const other = { counts, errors: grid() };
  expect((await plotted({ children: other, attributes }))?.errors).toBeNull();
});

test("other signals of the same shape are drawn beside, and one that is damaged is not", async () => {
  const attributes = { signal: "a", auxiliary_signals: ["b", "c", "d", "gone"] };
  const root = { children: { a: line(), b: line(), c: grid(), d: line() }, attributes };
  const provider = new MockProvider({ "a.nxs": root });
  provider.failures.set("/d", new ApiError("malformed_file", "broken"));
  expect((await plotted(root, { path: "/" }, provider))?.auxiliaries).toEqual(["/b"]);
});

test.each(["[y:x]", "y,x", "y:x"])(
  "a dataset may say that it is the signal: axes=%s",
  async (axes) => {
    const children = { counts: grid({ signal: 1, axes }), x: line(), y: line(), more: grid() };
    const plot = await plotted({ children, attributes: { NX_class: "NXdata" } });
    expect(plot).toMatchObject({ signal: "/counts", axes: [{ path: "/y" }, { path: "/x" }] });
  },
);

test("axes may say themselves which dimension they belong to, and which counts of several", async () => {
  const children = {
    counts: grid({ signal: "1" }),
    time: line({ axis: 2 }),
    x: line({ axis: 2, primary: 1 }),
    y: line({ axis: "1" }),
    other: grid({ signal: 2 }),
  };
  const plot = await plotted({ children, attributes: { NX_class: "NXdata" } });
  expect(plot?.axes).toEqual([{ path: "/y" }, { path: "/x" }]);
  expect(plot?.auxiliaries).toEqual(["/other"]);
});

test("nothing is drawn of what says nothing, of a group as signal, or of a ring of defaults", async () => {
  expect(await plotted({ children: {} })).toBeNull();
  const attributes = { signal: "g" };
  expect(await plotted({ children: { g: { children: {} } }, attributes })).toBeNull();
  expect(await plotted({ children: {}, attributes: { default: "/" } })).toBeNull();
  const nothing = { children: { x: line() }, attributes: { NX_class: "NXdata" } };
  expect(await plotted(nothing)).toBeNull();
});

test("only a group with a word of it may be drawn", () => {
  expect(mayPlot([{ name: "signal", value: "x" }])).toBe(true);
  expect(mayPlot([{ name: "default", value: ["entry"] }])).toBe(true);
  expect(mayPlot([{ name: "NX_class", value: "NXdata" }])).toBe(true);
  expect(mayPlot([{ name: "signal", value: 1 }])).toBe(false);
});
