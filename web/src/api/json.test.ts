import { expect, test } from "vitest";
import { parseExactly } from "./json";

test.each([
  ["9007199254740991", 9007199254740991],
  ["9007199254740992", 9007199254740992n],
  ["-9223372036854775808", -9223372036854775808n],
  ["18446744073709551615", 18446744073709551615n],
])("the integer %s keeps all its digits", (text, value) => {
  expect(parseExactly(`{"value": [${text}]}`)).toEqual({ value: [value] });
});

test.each(["0.30000000000000004", "1e300", "1234567890123456.5", "-0.0"])(
  "the float %s is a number",
  (text) => {
    expect(parseExactly(text)).toBe(Number(text));
  },
);

test("digits in a text are text", () => {
  expect(parseExactly('"18446744073709551615"')).toBe("18446744073709551615");
});

test("names that objects of JavaScript have by themselves are names", () => {
  const sent = '{"__proto__": {"x": 1}, "constructor": 2, "n": 18446744073709551615}';
  const parsed = parseExactly(sent) as object;
  expect(Object.keys(parsed)).toEqual(["__proto__", "constructor", "n"]);
  expect("x" in parsed).toBe(false);
});
