import { expect, test } from "vitest";
import { elementText, numberElementText, singleText } from "./elementText";

test.each<[unknown, string]>([
  [12345678901234567890n, "12345678901234567890"],
  ["NaN", "NaN"],
  [true, "true"],
  ["two\nlines", "two\\nlines"],
  [null, ""],
  [[1, [0.5, 2]], "[1, [0.5, 2]]"],
  [["a, b", "c"], '["a, b", "c"]'],
  [{ enum: "RED", value: 1 }, "RED"],
  [{ enum: null, value: 7 }, "7"],
  [{ base64: "AAE=" }, "bytes AAE="],
  [{ reference: "object", address: 96, path: "/x" }, "/x"],
  [{ reference: "object", address: 96, path: null }, "96"],
  [{ x: 1, name: "n" }, '{x: 1, name: "n"}'],
])("%o is shown as %j", (value, text) => {
  expect(elementText(value)).toBe(text);
});

test.each(["0.1", "288.1", "16777216", "3.4028235e+38", "1e-45", "-0.3333333"])(
  "the single closest to %s is shown so",
  (text) => {
    expect(singleText(Math.fround(Number(text)))).toBe(text);
  },
);

test("what is no number is shown as it is among singles too", () => {
  expect(singleText("NaN")).toBe("NaN");
});

test("numbers of which only some stand for none keep all their digits", () => {
  const conversion = { fills: [-9223372036854775808n], scale: 1, offset: 0 };
  expect(numberElementText(-9223372036854775808n, conversion, false)).toBe("–");
  expect(numberElementText(-9223372036854775807n, conversion, false)).toBe("-9223372036854775807");
  expect(numberElementText(0.123456789012, conversion, false)).toBe("0.123456789012");
  expect(numberElementText(Math.fround(0.1), conversion, true)).toBe("0.1");
});

test("what a number stands for has no more digits than single precision", () => {
  const conversion = { fills: [], scale: 0.1, offset: 0 };
  expect(numberElementText(3, conversion, false)).toBe("0.3");
  expect(numberElementText("NaN", conversion, false)).toBe("NaN");
});
