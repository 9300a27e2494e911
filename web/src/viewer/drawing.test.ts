import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { MockProvider } from "../testing/MockProvider";
import { drawingOf } from "./drawing";

const FILES = {
  "a.h5": {
    children: {
      list: { shape: [5], dtype: "int32" },
      x: { shape: [5], dtype: "int32", attributes: { units: "mm" } },
      packed: {
        shape: [5],
        dtype: "int32",
        attributes: { scale_factor: -0.5, add_offset: [10], _FillValue: 4, units: "s" },
      },
      turned: { shape: [5], dtype: "int32", attributes: { _Unsigned: "true" } },
      valid: { shape: [5], dtype: "int32", attributes: { valid_max: 3 } },
      short: { shape: [4], dtype: "int32" },
      edges: { shape: [6], dtype: "int32", attributes: { scale_factor: -10 } },
    },
  },
};

function draw(
  provider: MockProvider,
  axis: string,
  signal = new AbortController().signal,
  selection = "1:4",
) {
  const question = { key: "a.h5", object: { path: "/list" }, selection };
  const alone = { errors: null, auxiliaries: [] };
  const shown = {
    ...alone,
    view: "line" as const,
    maxSize: 512,
    axes: [{ path: axis }],
    shape: [5],
  };
  return drawingOf(provider, new QueryClient(), { ...question, ...shown }, signal);
}

test("an axis is read of the same range as what it is for, and at the same time", async () => {
  const provider = new MockProvider(FILES);
  const { across, down } = await draw(provider, "/x");
  expect(across).toMatchObject({ label: "x (mm)", start: 1, width: 1, isOfIndices: false });
  expect(down).toBeNull();
  expect(provider.asked).toEqual(["preview /list line 1:4", "meta /x", "preview /x line 1:4"]);
});

test("an axis of packed numbers has what these stand for", async () => {
  const { across } = await draw(new MockProvider(FILES), "/packed");
  expect(across).toMatchObject({ label: "packed (s)", isOfIndices: false });
  expect([...across.from]).toEqual([10, 9.5, 9]);
});

test("an axis with a place that stands for no number is one of indices", async () => {
  const { across } = await draw(new MockProvider(FILES), "/packed", undefined, ":");
  expect(across).toMatchObject({ label: "Dimension 0", isOfIndices: true });
});

test("an axis of integers without a sign is asked for as such, as soon as that is known", async () => {
  const provider = new MockProvider(FILES);
  const { across } = await draw(provider, "/turned");
  expect(across).toMatchObject({ label: "turned", isOfIndices: false });
  expect(provider.asked.slice(2)).toEqual([
    "preview /turned line 1:4",
    "preview /turned line 1:4 unsigned",
  ]);
});

test("an axis with a place that is not valid is one of indices", async () => {
  const provider = new MockProvider(FILES);
  expect((await draw(provider, "/valid")).across.isOfIndices).toBe(false);
  expect((await draw(provider, "/valid", undefined, ":")).across.isOfIndices).toBe(true);
});

test("an axis of the edges between elements says where each begins and ends", async () => {
  const provider = new MockProvider(FILES);
  const { preview } = provider;
  provider.preview = async (question, signal) => {
    const answer = await preview(question, signal);
    const first = Number(question.selection.split(":")[0]);
    const numbers = (answer.preview.min as number[]).map((place) => first + place);
    return { ...answer, preview: { ...answer.preview, min: numbers, max: numbers } };
  };
  const { across } = await draw(provider, "/edges");
  expect(across).toMatchObject({ label: "edges", start: 1, width: 1, isOfIndices: false });
  expect([...across.from]).toEqual([-10, -20, -30]);
  expect([...across.to]).toEqual([-20, -30, -40]);
  // Where they end is asked once it is known how many there are.
  expect(provider.asked.slice(2)).toEqual(["preview /edges line 1:4", "preview /edges line 2:5"]);
});

test("an axis of another size than its dimension is none", async () => {
  const { across } = await draw(new MockProvider(FILES), "/short");
  expect(across).toMatchObject({ label: "Dimension 0", start: 1, isOfIndices: true });
});

test("a picture that is given up does not give up an axis that others wait for too", async () => {
  const provider = new MockProvider(FILES);
  provider.silent.add("/list").add("/x");
  const controller = new AbortController();
  const drawing = draw(provider, "/x", controller.signal);
  controller.abort();
  await expect(drawing).rejects.toThrow("given up");
  expect(provider.givenUp).toEqual(["preview /list line 1:4"]);
});
