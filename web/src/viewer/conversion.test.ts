import { expect, test } from "vitest";
import type { Datatype, Preview } from "../api/models";
import { PLAIN } from "../testing/plainConversion";
import {
  asRead,
  cellsOf,
  conversionOf,
  conversionWords,
  converted,
  convertedList,
  readingOf,
} from "./conversion";

const INT64 = { class: "integer", size: 8, signed: true, order: "little" } as const;
const FLOAT = { class: "float", size: 4, order: "little" } as const;

const INT16 = { ...INT64, size: 2 };

/** What attributes say of a dataset: numbers of 64 bits, where they are none with a type. */
const conversion = (given: Record<string, unknown>, datatype: Datatype = INT64) =>
  conversionOf({
    attributes: Object.entries(given).map(([name, value]) => ({
      ...{ name, value, datatype: INT64 },
      ...(isTyped(value) && value),
    })),
    datatype,
  });

const packed = (given: Record<string, unknown>) => conversion(given, INT16);
const int16 = (value: unknown) => ({ value, datatype: INT16 });
const isTyped = (value: unknown) => typeof value === "object" && value !== null && "value" in value;

test("numbers that nothing is said of are what they are", () => {
  expect(conversion({ units: "K" })).toBeNull();
  expect(conversion({ scale_factor: [1], add_offset: 0 })).toBeNull();
});

test("packed numbers are unpacked, and those that stand for none are none", () => {
  const found = conversion({
    _FillValue: [-32768],
    missing_value: -1,
    scale_factor: [0.5],
    add_offset: [-10],
  });
  expect(found).toEqual({ ...PLAIN, fills: [-32768, -1], scale: 0.5, offset: -10 });
  if (!found) return;
  expect(converted(found, 30)).toBe(5);
  expect(converted(found, -32768)).toBeNaN();
  expect(conversionWords(found)).toBe("× 0.5, − 10, without -32768 and -1");
});

test("numbers of single precision are meant as they were written, and say no more digits", () => {
  const scale = { name: "scale_factor", value: Math.fround(0.01), datatype: FLOAT };
  const found = conversionOf({ attributes: [scale], datatype: INT64 });
  expect(found).toEqual({ ...PLAIN, scale: 0.01, digits: 7 });
  expect(conversion({ scale_factor: 0.1 }, FLOAT)?.digits).toBe(7);
});

test("there may be several numbers that stand for none, with more digits than a double has", () => {
  const found = conversion({
    _FillValue: -9223372036854775808n,
    missing_value: [-9223372036854775807n, -1, -1],
  });
  expect(readingOf(found).missing).toEqual(["-9223372036854775808", "-9223372036854775807", "-1"]);
  expect(found && converted(found, -9223372036854775807n)).toBeNaN();
  expect(found && converted(found, -9223372036854775806n)).toBe(-9223372036854776000);
  expect(readingOf(null)).toEqual({});
});

test("integers without a sign are read so, their fill values and valid ones too", () => {
  const found = packed({
    _Unsigned: "true",
    _FillValue: int16([-1]),
    valid_range: int16([0, -6]),
    scale_factor: [0.5],
  });
  expect(found).toMatchObject({
    unsignedBits: 16,
    fills: [65535],
    valid: { least: 0, most: 65530 },
  });
  if (!found) return;
  expect([...convertedList(found, [-1, -5, -6, 3])]).toEqual([NaN, NaN, 32765, 1.5]);
  expect(readingOf(found)).toEqual({ isUnsigned: true, missing: ["65535"], valid: "0,65530" });
  expect(conversionWords(found)).toBe("read as unsigned, within 0 and 65530, × 0.5, without 65535");
});

test("all digits of integers without a sign are there", () => {
  const attributes = [{ name: "_Unsigned", value: "True" }];
  const found = conversionOf({ attributes, datatype: INT64 });
  expect(found && asRead(found, -1)).toBe(18446744073709551615n);
  expect(found && asRead(found, -9223372036854775807n)).toBe(9223372036854775809n);
  const odd = conversionOf({ attributes, datatype: { ...INT64, size: 4, precision: 24 } });
  expect(odd && asRead(odd, -1)).toBe(16777215);
});

test("only signed integers can be read without a sign", () => {
  const attributes = [{ name: "_Unsigned", value: "true" }];
  expect(conversionOf({ attributes, datatype: { ...INT64, signed: false } })).toBeNull();
  expect(conversionOf({ attributes, datatype: FLOAT })).toBeNull();
  expect(packed({ _Unsigned: "false" })).toBeNull();
});

test("a fill value of another type than that of the integers is none of theirs", () => {
  const found = packed({ _Unsigned: "true", _FillValue: { value: -1, datatype: INT64 } });
  expect(found?.fills).toEqual([-1]);
});

test("bytes have no sign where valid ones are beyond those with a sign, unless it is said", () => {
  const bytes = (given: Record<string, unknown>) =>
    conversion({ valid_range: [0, 255], ...given }, { ...INT64, size: 1 });
  expect(bytes({})).toMatchObject({ unsignedBits: 8, valid: { least: 0, most: 255 } });
  expect(bytes({ _Unsigned: "false" })?.unsignedBits).toBeNull();
  expect(bytes({ valid_range: [0, 100] })?.unsignedBits).toBeNull();
});

test("a fill value of double precision is the one that single precision stores for it", () => {
  const found = conversion({ missing_value: -999.9 }, FLOAT);
  expect(found?.fills).toEqual([Math.fround(-999.9)]);
  expect(readingOf(found).missing).toEqual(["-999.9000244140625"]);
  expect(readingOf(conversion({ _FillValue: 1e30 }, FLOAT)).missing).toEqual([
    "1.0000000150474662e+30",
  ]);
});

test("a fill value that single precision cannot store is none of its infinities", () => {
  expect(readingOf(conversion({ _FillValue: 1e300 }, FLOAT)).missing).toEqual(["1e+300"]);
});

test("no more numbers are sent than the server takes", () => {
  const many = Array.from({ length: 50 }, (_, number) => number);
  expect(readingOf(conversion({ missing_value: many })).missing).toHaveLength(16);
});

test("what is no number converts nothing", () => {
  expect(conversion({ scale_factor: "2", _FillValue: "-", missing_value: ["NaN"] })).toBeNull();
});

test("of a list those that stand for none are found by all their digits", () => {
  const stored = [9007199254740993n, 9007199254740995n, 5, "NaN"];
  const found = { ...PLAIN, fills: [9007199254740993n], scale: 2, offset: 1 };
  expect([...convertedList(found, stored)]).toEqual([NaN, 18014398509481992, 11, NaN]);
  expect([...convertedList(null, [1, null])]).toEqual([1, NaN]);
});

test("a negative scale makes the least number the greatest, and what is empty stays so", () => {
  const { min, max, mean } = cellsOf({ min: [1, null], max: [3, null] } as Preview, {
    ...PLAIN,
    scale: -2,
  });
  expect([[...min], [...max], mean]).toEqual([[-6, NaN], [-2, NaN], null]);
});
