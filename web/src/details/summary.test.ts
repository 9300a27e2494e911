import { expect, test } from "vitest";
import type { DatasetMetadata, Datatype } from "../api/models";
import { datatypeWords, elementBytes } from "./datatypeWords";
import { chunkCount, summaryOf } from "./summary";

const UINT32: Datatype = { class: "integer", size: 4, signed: false, order: "little" };
const FLOAT64: Datatype = { class: "float", size: 8, order: "little" };

function dataset(members: Partial<DatasetMetadata>): DatasetMetadata {
  return {
    type: "dataset",
    kind: "dataset",
    address: 800,
    attributes: [],
    shape: [81, 8, 8],
    ndim: 3,
    size: 5184,
    datatype: UINT32,
    layout: "contiguous",
    filters: [],
    compression_opts: null,
    fill_value: 0,
    ...members,
  };
}

function said(members: Partial<DatasetMetadata>): string {
  return summaryOf(dataset(members)).replaceAll("\u2009", "");
}

test("a dataset in chunks", () => {
  const filters = [
    { id: 2, name: "shuffle", options: [4] },
    { id: 1, name: "deflate", options: [4] },
  ];
  const chunked = { layout: "chunked", chunks: [27, 8, 8], maxshape: [null, 8, 8], filters };
  expect(said(chunked)).toBe(
    "81 × 8 × 8 unsigned 32-bit integers, 5184 in all (20.3 KiB). " +
      "Kept in 3 chunks of 27 × 8 × 8, shuffled and compressed by gzip, level 4. " +
      "It can grow: dimension 0 without limit.",
  );
});

test("datasets of one element, and of none", () => {
  expect(said({ shape: [], size: 1 })).toBe(
    "One element, of unsigned 32-bit integers. Kept in one piece.",
  );
  expect(said({ shape: null, size: 0, layout: null })).toBe(
    "No elements: its dataspace is null. They would be unsigned 32-bit integers.",
  );
});

test("a dataset of which the size is beyond 64 bits", () => {
  const shape = [2n ** 63n, 4];
  expect(said({ shape, size: null })).toContain(
    "9223372036854775808 × 4 unsigned 32-bit integers.",
  );
});

test("the last chunk of a dimension may stand over its end", () => {
  expect(chunkCount(dataset({ shape: [10, 4], chunks: [4, 4] }))).toBe(3n);
  expect(chunkCount(dataset({ shape: [10], chunks: [0] }))).toBeNull();
  expect(chunkCount(dataset({ shape: [10, 4], chunks: [4] }))).toBeNull();
});

test.each<[Datatype, string, number | bigint | null]>([
  [{ ...FLOAT64, order: "big" }, "64-bit floats (big-endian)", 8],
  [
    { class: "string", length: null, charset: "utf-8", padding: "null-terminated" },
    "texts of any length (UTF-8)",
    null,
  ],
  [{ class: "enum", base: UINT32, members: { FALSE: 0, TRUE: 1 } }, "booleans", 4],
  [{ class: "enum", base: UINT32, members: { RED: 0 } }, "integers with 1 name", 4],
  [{ class: "array", dims: [2, 3], base: FLOAT64 }, "arrays of 2 × 3 64-bit floats", 48n],
  [{ class: "vlen", base: UINT32 }, "lists of unsigned 32-bit integers", null],
  [{ class: "complex", base: FLOAT64 }, "complex numbers of 64-bit floats", 16n],
  [
    {
      class: "compound",
      size: 16,
      fields: [
        { name: "r", offset: 0, datatype: FLOAT64 },
        { name: "i", offset: 8, datatype: FLOAT64 },
      ],
    },
    "complex numbers of 64-bit floats",
    16,
  ],
  [{ class: "reference", to: "region", size: 12 }, "references to regions", 12],
])("%j in words", (type, words, bytes) => {
  expect(datatypeWords(type)).toBe(words);
  expect(elementBytes(type)).toBe(bytes);
});
