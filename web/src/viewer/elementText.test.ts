import { expect, test } from "vitest";
import type { Datatype } from "../api/models";
import { PLAIN } from "../testing/plainConversion";
import { floatOfComplex } from "./complex";
import { elementParts, elementText, numberElementText } from "./elementText";

const INTEGER: Datatype = { class: "integer", size: 8, signed: true, order: "little" };
const DOUBLE: Datatype = { class: "float", size: 8, order: "little" };
const SINGLE: Datatype = { class: "float", size: 4, order: "little" };
const TEXT: Datatype = {
  class: "string",
  charset: "utf-8",
  length: null,
  padding: "null-terminated",
};
const ENUM: Datatype = { class: "enum", base: INTEGER, members: { RED: 1 } };
const OPAQUE: Datatype = { class: "opaque", size: 2, tag: "" };
const REFERENCE: Datatype = { class: "reference", to: "object", size: 8 };

function array(base: Datatype, ...dims: number[]): Datatype {
  return { class: "array", dims, base };
}

function record(fields: Record<string, Datatype>, names = Object.keys(fields)): Datatype {
  const size = 8;
  const list = names.map((name, at) => ({
    ...{ name, offset: at * size, datatype: fields[name] ?? DOUBLE },
  }));
  return { class: "compound", size: size * list.length, fields: list };
}

test.each<[unknown, Datatype, string]>([
  [12345678901234567890n, INTEGER, "12345678901234567890"],
  ["NaN", DOUBLE, "NaN"],
  [-0, DOUBLE, "-0"],
  [-0, SINGLE, "-0"],
  [true, ENUM, "true"],
  ["two\nlines", TEXT, "two\\nlines"],
  [null, TEXT, ""],
  [
    [
      [1, 2],
      [0.5, 2],
    ],
    array(DOUBLE, 2, 2),
    "[[1, 2], [0.5, 2]]",
  ],
  [[Math.fround(0.1), 2], { class: "vlen", base: SINGLE }, "[0.1, 2]"],
  [["a, b", "c"], array(TEXT, 2), '["a, b", "c"]'],
  [["NaN"], array(DOUBLE, 1), "[NaN]"],
  [{ enum: "RED", value: 1 }, ENUM, "RED"],
  [{ enum: null, value: 7 }, ENUM, "7"],
  [{ base64: "AAE=" }, OPAQUE, "bytes AAE="],
  [{ base64: "/w==" }, TEXT, "bytes /w=="],
  [{ reference: "object", address: 96, path: "/x" }, REFERENCE, "/x"],
  [{ reference: "object", address: 96, path: null }, REFERENCE, "address 96"],
  [{ reference: "object", address: null, path: null }, REFERENCE, "null reference"],
  [{ x: 1, name: "n" }, record({ x: INTEGER, name: TEXT }), '{x: 1, name: "n"}'],
  [[1, -2], { class: "complex", base: DOUBLE }, "(1-2j)"],
  [["NaN", 0.5], record({ r: DOUBLE, i: DOUBLE }), "(NaN+0.5j)"],
  [[[1, 2]], array(record({ r: DOUBLE, i: DOUBLE }), 1), "[(1+2j)]"],
])("%o of %o is shown as %j", (value, datatype, text) => {
  expect(elementText(value, datatype)).toBe(text);
});

test.each<[Record<string, number>, string]>([
  [{ enum: 3, value: 4.5 }, "{enum: 3, value: 4.5}"],
  [{ base64: 7 }, "{base64: 7}"],
  [{ reference: 7, address: 8 }, "{reference: 7, address: 8}"],
])("records whose fields are called as others write theirs, %o, lose none", (value, text) => {
  expect(elementText(value, record({}, Object.keys(value)))).toBe(text);
});

test("names of fields and texts among others hide nothing", () => {
  const name = "\u202efdp";
  const text = elementText({ [name]: "a\u200bb" }, record({ [name]: TEXT }));
  expect(text).toBe('{\\u202efdp: "a\\u200bb"}');
});

test("fields stand as they are stored, whatever they are called", () => {
  const datatype = record({}, ["10", "2"]);
  expect(elementText({ 2: 0.5, 10: 1.5 }, datatype)).toBe("{10: 1.5, 2: 0.5}");
});

test("records are complex numbers where they are two floats of one type, and nothing more", () => {
  expect(floatOfComplex(record({ r: DOUBLE, i: DOUBLE }))).toBe(DOUBLE);
  expect(floatOfComplex(record({ r: INTEGER, i: INTEGER }))).toBeNull();
  expect(floatOfComplex(record({ r: DOUBLE, i: SINGLE }))).toBeNull();
  expect(floatOfComplex(record({ r: SINGLE, i: SINGLE }))).toBeNull();
  expect(floatOfComplex(record({ x: DOUBLE, y: DOUBLE }))).toBeNull();
});

test.each(["0.1", "288.1", "16777216", "3.4028235e+38", "1e-45", "-0.3333333"])(
  "the single closest to %s is shown so",
  (text) => {
    expect(elementText(Math.fround(Number(text)), SINGLE)).toBe(text);
  },
);

test("what is no number is shown as it is among singles too", () => {
  expect(elementText("NaN", SINGLE)).toBe("NaN");
});

test("numbers of which only some stand for none keep all their digits", () => {
  const conversion = { ...PLAIN, fills: [-9223372036854775808n] };
  expect(numberElementText(-9223372036854775808n, conversion, DOUBLE)).toBe("–");
  expect(numberElementText(-9223372036854775807n, conversion, DOUBLE)).toBe("-9223372036854775807");
  expect(numberElementText(0.123456789012, conversion, DOUBLE)).toBe("0.123456789012");
  expect(numberElementText(Math.fround(0.1), conversion, SINGLE)).toBe("0.1");
});

test("integers that have no sign are read so before anything else", () => {
  const conversion = { ...PLAIN, unsignedBits: 16, fills: [65535] };
  expect(numberElementText(-1, conversion, INTEGER)).toBe("–");
  expect(numberElementText(-2, conversion, INTEGER)).toBe("65534");
  expect(numberElementText(-2, { ...conversion, scale: 0.5 }, INTEGER)).toBe("32767");
  const long = { ...PLAIN, unsignedBits: 64 };
  expect(numberElementText(-1, long, INTEGER)).toBe("18446744073709551615");
  expect(numberElementText(-9223372036854775808n, long, INTEGER)).toBe("9223372036854775808");
});

test("numbers that are not valid are none, and what is no number stays so", () => {
  const conversion = { ...PLAIN, valid: { least: 0, most: 4095 } };
  const texts = [-1, 0, 4095, 4096, 2n ** 63n, "NaN", "-Infinity"].map((element) =>
    numberElementText(element, conversion, INTEGER),
  );
  expect(texts).toEqual(["–", "0", "4095", "–", "–", "NaN", "–"]);
});

test("what a number stands for has the digits that mean something", () => {
  const conversion = { ...PLAIN, scale: 0.1 };
  expect(numberElementText(3, conversion, INTEGER)).toBe("0.3");
  expect(numberElementText("NaN", conversion, INTEGER)).toBe("NaN");
  expect(numberElementText(1600000000123, { ...conversion, scale: 0.001 }, INTEGER)).toBe(
    "1600000000.123",
  );
  expect(numberElementText(12345678, { ...conversion, digits: 7 }, INTEGER)).toBe("1234568");
});

test("references are parts of their own, wherever they stand", () => {
  const reference = { reference: "region", address: 96, path: null };
  expect(elementParts(reference, REFERENCE)).toEqual([reference]);
  expect(elementParts([reference, reference], array(REFERENCE, 2))).toEqual([
    ...["[", reference, ", ", reference, "]"],
  ]);
  expect(elementParts({ x: 1, at: reference }, record({ x: INTEGER, at: REFERENCE }))).toEqual([
    ...["{", "x: ", "1", ", ", "at: ", reference, "}"],
  ]);
  const looksSo = { reference: "object", address: "javascript:0" };
  expect(elementParts(looksSo, REFERENCE)).toEqual(["[object Object]"]);
});
