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

test.each([
  "plain",
  "two words",
  "it's",
  '$HOME `id` "x" \\',
  "",
  "line\nline",
  "é*?[a]",
  "\u202e\x7f\\'",
])("a shell takes %o as one word", (word) => {
  const echoed = execFileSync("bash", ["--norc", "-c", `printf %s ${shellWord(word)}`], {
    encoding: "utf8",
    env: { LC_ALL: "C.UTF-8" },
  });
  expect(echoed).toBe(word);
});

test("what is found by its address is asked for over HTTP only", () => {
  const titles = snippetsOf("a.h5", { address: "800" }, GROUP, "").map(({ title }) => title);
  expect(titles).toEqual(["curl"]);
});

const CUBE: Metadata = {
  type: "dataset",
  kind: "dataset",
  address: 800,
  attributes: [],
  filters: [],
  shape: [4, 5, 6],
  size: 120,
  ndim: 3,
  dtype: "int32",
  compression_opts: null,
  fill_value: 0,
};

test("the part that is shown is what is read", () => {
  const texts = (slice: string) =>
    snippetsOf("a.h5", { path: "/cube" }, CUBE, slice).map(({ text }) => text.split("\n").at(-1));
  expect(texts("2,1:4,:")).toEqual([
    "    values = dataset[2,1:4,:]",
    "curl -s 'http://localhost:3000/data?key=a.h5&path=%2Fcube&selection=2%2C1%3A4%2C%3A&format=npy' -o elements.npy",
    `h5scout data "$SOURCE"/a.h5 /cube 2,1:4,: --format npy -o elements.npy`,
  ]);
  expect(texts("")[0]).toBe("    values = dataset[()]");
});

test.each(["0,0", "0,0,__import__('os')", "0,0,0]; quit() #", "$(id),:,:", "-1,:,:"])(
  "of a slice that is none of the dataset no code is made: %s",
  (slice) => {
    const all = snippetsOf("a.h5", { path: "/cube" }, CUBE, "");
    expect(snippetsOf("a.h5", { path: "/cube" }, CUBE, slice)).toEqual(all);
  },
);

test("nothing in a snippet is another than it looks like", () => {
  const texts = snippetsOf("\u202efdp.h5", { path: "/a\x7f" }, GROUP, "").map(({ text }) => text);
  expect(texts.join()).not.toMatch(/[\u202e\x7f]/);
  expect(texts[0]).toContain('h5py.File("\\u202efdp.h5")');
  expect(texts[0]).toContain('file["/a\\u007f"]');
});

test("names in Python are quoted", () => {
  const [python] = snippetsOf('a/b "c".h5', { path: '/x"y' }, GROUP, "");
  expect(python?.text).toContain('h5py.File("b \\"c\\".h5")');
  expect(python?.text).toContain('file["/x\\"y"]');
});
