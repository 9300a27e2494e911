import { describe, expect, test } from "vitest";
import type { DatasetMetadata } from "../api/models";
import { colourDimension, colourWords, pixelsOf } from "./pixels";

const TRUE_COLOUR = { CLASS: "IMAGE", IMAGE_SUBCLASS: "IMAGE_TRUECOLOR" };
const UNSIGNED = { _Unsigned: "true" };
const integer = (size: number, signed = false) =>
  ({ class: "integer", size, signed, order: "little" }) as const;
const float = (size: number) => ({ class: "float", size, order: "little" }) as const;

function dataset(
  shape: number[],
  datatype: DatasetMetadata["datatype"],
  given: Record<string, unknown> = {},
): DatasetMetadata {
  const attributes = Object.entries(given).map(([name, value]) => ({ name, value }));
  return { shape, datatype, attributes } as DatasetMetadata;
}

describe("where the colours of pixels are", () => {
  test.each([
    ["bytes by threes", dataset([9, 8, 3], integer(1)), 2],
    ["bytes that say they have no sign", dataset([9, 8, 3], integer(1, true), UNSIGNED), 2],
    ["no bytes with a sign", dataset([9, 8, 3], integer(1, true)), null],
    ["bytes by fours", dataset([2, 9, 8, 4], integer(1)), 3],
    ["no bytes by fives", dataset([9, 8, 5], integer(1)), null],
    ["no larger numbers of which nothing says so", dataset([9, 8, 3], integer(2)), null],
    ["larger numbers of which something does", dataset([9, 8, 3], integer(2), TRUE_COLOUR), 2],
    ["no texts", dataset([9, 8, 3], undefined, TRUE_COLOUR), null],
    [
      "line by line",
      dataset([9, 3, 8], float(4), { ...TRUE_COLOUR, INTERLACE_MODE: "INTERLACE_LINE" }),
      1,
    ],
    ["plane by plane", dataset([5, 3, 9, 8], integer(1), { INTERLACE_MODE: "INTERLACE_PLANE" }), 1],
    ["nowhere known", dataset([9, 8, 3], integer(1), { INTERLACE_MODE: "INTERLACE_HOW" }), null],
  ])("%s", (_, image, dimension) => {
    expect(colourDimension(image)).toBe(dimension);
  });
});

// Two rows of three pixels, whose colours are 10 × pixel + colour.
const PIXELS = [0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52];

test.each([
  ["pixel by pixel", [2, 3, 3], "INTERLACE_PIXEL", 2, PIXELS],
  [
    "line by line",
    [2, 3, 3],
    "INTERLACE_LINE",
    1,
    [0, 10, 20, 1, 11, 21, 2, 12, 22, 30, 40, 50, 31, 41, 51, 32, 42, 52],
  ],
  [
    "plane by plane",
    [3, 2, 3],
    "INTERLACE_PLANE",
    0,
    [0, 10, 20, 30, 40, 50, 1, 11, 21, 31, 41, 51, 2, 12, 22, 32, 42, 52],
  ],
])("colours that lie %s", (_, shape, INTERLACE_MODE, before, stored) => {
  const image = dataset(shape, integer(1), { INTERLACE_MODE });
  const pixels = pixelsOf(Uint8Array.from(stored).buffer, image, [2, 3], before);
  expect([...pixels.rgb]).toEqual(PIXELS);
  expect(colourWords(pixels)).toBe("");
});

test("how opaque a pixel is is left out, and that is said", () => {
  const bytes = Uint8Array.of(1, 2, 3, 99, 4, 5, 6, 99);
  const pixels = pixelsOf(bytes.buffer, dataset([1, 2, 4], integer(1)), [1, 2], 2);
  expect([...pixels.rgb]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(colourWords(pixels)).toBe("; how opaque they are is left out");
});

test.each([
  ["0 is none of a colour and 65535 all of it, as the type has it", integer(2), {}],
  [
    "0 is none of a colour and 4095 all of it, as the type has it",
    { ...integer(2), precision: 12 },
    {},
  ],
  [
    "0 is none of a colour and 510 all of it, as IMAGE_MINMAXRANGE says",
    integer(2),
    { IMAGE_MINMAXRANGE: [0, 510] },
  ],
  [
    "0 is none of a colour and 65535 all of it, as the type has it",
    integer(2),
    { IMAGE_MINMAXRANGE: [9, 9] },
  ],
])("integers of 16 bits: %s", (words, datatype, given) => {
  const image = dataset([1, 1, 3], datatype, { ...TRUE_COLOUR, ...given });
  const pixels = pixelsOf(Uint16Array.of(0, 255, 65535).buffer, image, [1, 1], 2);
  expect(colourWords(pixels)).toBe(`; ${words}`);
  const { full } = pixels.range;
  expect([...pixels.rgb]).toEqual([0, Math.round((255 * 255) / full), 255]);
});

test.each([
  ["as usual", [0, 0.5, 1], [0, 128, 255], 1],
  ["as far as what is shown goes", [0, 200, 400], [0, 128, 255], 400],
  ["as usual", [NaN, Infinity, 0.25], [0, 255, 64], 1],
])("floats: %s", (words, stored, rgb, full) => {
  const image = dataset([1, 1, 3], float(4), TRUE_COLOUR);
  const pixels = pixelsOf(Float32Array.from(stored).buffer, image, [1, 1], 2);
  expect([...pixels.rgb]).toEqual(rgb);
  expect(pixels.range).toEqual({ none: 0, full, words });
});

test("integers with signs and of 64 bits", () => {
  const signed = dataset([1, 1, 3], integer(1, true), TRUE_COLOUR);
  expect([...pixelsOf(Int8Array.of(-128, 0, 127).buffer, signed, [1, 1], 2).rgb]).toEqual([
    0, 128, 255,
  ]);
  const long = dataset([1, 1, 3], integer(8), { ...TRUE_COLOUR, IMAGE_MINMAXRANGE: [0, 10] });
  expect([...pixelsOf(BigUint64Array.of(0n, 5n, 10n).buffer, long, [1, 1], 2).rgb]).toEqual([
    0, 128, 255,
  ]);
});

test("an answer that is not of these pixels is told", () => {
  const image = dataset([1, 1, 3], integer(2), TRUE_COLOUR);
  expect(() => pixelsOf(new ArrayBuffer(5), image, [1, 1], 2)).toThrow("5 bytes of 3 numbers");
});

test("signed bytes that say they have no sign are colours from none to all", () => {
  const image = dataset([1, 1, 3], integer(1, true), UNSIGNED);
  const pixels = pixelsOf(Int8Array.of(0, -1, -128).buffer, image, [1, 1], 2);
  expect([...pixels.rgb]).toEqual([0, 255, 128]);
  expect(colourWords(pixels)).toBe("");
});
