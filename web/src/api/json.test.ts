import { expect, test } from "vitest";
import { indentJson, parseExactly } from "./json";

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

test("indented JSON is what was sent, with objects on lines of their own", () => {
  const sent = '{"a":18446744073709551615,"b":[1.0,[{"e":1}]],"c":{},"d":"x\\"{,:"}';
  const indented = indentJson(sent);
  expect(indented).toBe(
    '{\n  "a": 18446744073709551615,\n  "b": [1.0, [{\n    "e": 1\n  }]],\n  "c": {},\n  "d": "x\\"{,:"\n}',
  );
});
