import { expect, test } from "vitest";
import { countText, listed, nameText, shapeText, sizeText } from "./format";

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.00 KiB"],
  [20_736, "20.3 KiB"],
  [512 * 1024 * 1024, "512 MiB"],
  [2n ** 63n, "8.00 EiB"],
])("%s bytes are %s", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

test("counts are grouped and exact", () => {
  expect(countText(18446744073709551615n).replaceAll("\u2009", "_")).toBe(
    "18_446_744_073_709_551_615",
  );
});

test("shapes", () => {
  expect([shapeText([81, 8]), shapeText([]), shapeText(null)]).toEqual([
    "81 × 8",
    "scalar",
    "null",
  ]);
});

test("lists in words", () => {
  expect(listed(["a"])).toBe("a");
  expect(listed(["a", "b", "c"])).toBe("a, b and c");
});

test.each([
  ["plain name", "plain name"],
  ["", "“”"],
  [" leading", "“ leading”"],
  ["new\nline", "new\\nline"],
  ["<b>html", "<b>html"],
  // What turns the order of letters around could have one file pass for another.
  ["\u202efdp.h5", "\\u202efdp.h5"],
  ["a\u2066b\u2069\u200f", "a\\u2066b\\u2069\\u200f"],
  ["\x01\x7f\x80\u200b\ufeff\u{e0067}", "\\u0001\\u007f\\u0080\\u200b\\ufeff\\U000e0067"],
  ["שלום", "שלום"],
  ["👩\u200d🔬", "👩\u200d🔬"],
])("the name %o is shown as %o", (name, shown) => {
  expect(nameText(name)).toBe(shown);
});
