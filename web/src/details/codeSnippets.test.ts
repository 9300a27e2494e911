import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import type { Metadata } from "../api/models";
import { shellWord, snippetsOf } from "./codeSnippets";

const GROUP: Metadata = {
  type: "group",
  kind: "group",
  address: 96,
  attributes: [],
  creation_order: { tracked: false, indexed: false },
};

test.each(["plain", "two words", "it's", '$HOME `id` "x" \\', "", "line\nline", "é*?[a]"])(
  "a shell takes %o as one word",
  (word) => {
    const echoed = execFileSync("sh", ["-c", `printf %s ${shellWord(word)}`], { encoding: "utf8" });
    expect(echoed).toBe(word);
  },
);

test("what is found by its address is asked for over HTTP only", () => {
  const titles = snippetsOf("a.h5", { address: "800" }, GROUP).map(({ title }) => title);
  expect(titles).toEqual(["curl"]);
});

test("names in Python are quoted", () => {
  const [python] = snippetsOf('a/b "c".h5', { path: '/x"y' }, GROUP);
  expect(python?.text).toContain('h5py.File("b \\"c\\".h5")');
  expect(python?.text).toContain('file["/x\\"y"]');
});
