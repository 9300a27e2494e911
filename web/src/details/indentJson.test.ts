import { expect, test } from "vitest";
import { indentJson } from "./indentJson";

test("indented JSON is what was sent, with objects on lines of their own", () => {
  const sent = '{"a":18446744073709551615,"b":[1.0,[{"e":1}]],"c":{},"d":"x\\"{,:"}';
  const indented = indentJson(sent);
  expect(indented).toBe(
    '{\n  "a": 18446744073709551615,\n  "b": [1.0, [{\n    "e": 1\n  }]],\n  "c": {},\n  "d": "x\\"{,:"\n}',
  );
});

test("indented JSON hides nothing, and means what was sent", () => {
  const sent = '["\u202ea\x7f\u{e0067}\\n"]';
  const indented = indentJson(sent);
  expect(indented).toBe('["\\u202ea\\u007f\\udb40\\udc67\\n"]');
  expect(JSON.parse(indented)).toEqual(JSON.parse(sent));
});
