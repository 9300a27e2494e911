import { expect, test } from "vitest";
import { numberText } from "./statistics";

test.each<[unknown, string]>([
  [1234567, "1234567"],
  [-4294967295, "-4294967295"],
  [9007199254740993n, "9007199254740993"],
  [0.12345678, "0.123457"],
  [1.23456789e25, "1.23457e+25"],
  ["Infinity", "Infinity"],
  [NaN, "–"],
  [null, "–"],
])("%o is said as %s", (value, text) => {
  expect(numberText(value)).toBe(text);
});
