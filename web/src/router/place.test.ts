import { expect, test } from "vitest";
import { addressOf, folderOf, placeOf, type Place } from "./place";

const LISTING: Place = {
  prefix: "",
  q: "",
  sort: "name",
  key: null,
  object: { path: "/" },
  view: null,
  show: null,
  slice: "",
  complex: "amplitude",
  scale: "linear",
  colours: "Viridis",
  aspect: null,
  isRaw: false,
};

test.each<Partial<Place>>([
  {},
  { prefix: "runs/2026/", q: "scan & more", sort: "-size" },
  { key: "a//b+c?d#e%2F é.h5" },
  { key: "a.h5", object: { path: "/entry/x&y=#z" }, view: "json" },
  { key: "a.h5", object: { address: "18446744073709551615" } },
  {
    key: "a.h5",
    view: "data",
    show: "heatmap",
    slice: "3,:,2:50",
    complex: "phase",
    scale: "log",
    colours: "Magma",
    aspect: "equal",
    isRaw: true,
  },
])("the address of %o leads there", (place) => {
  expect(placeOf(addressOf(place))).toEqual({ ...LISTING, ...place });
});

test("what an address does not say, or says wrongly, is as in the listing of all files", () => {
  expect(placeOf("")).toEqual(LISTING);
  expect(placeOf("?view=dance&sort=luck&address=-1")).toEqual(LISTING);
});

test("addresses can be read", () => {
  expect(addressOf({ key: "demo/a.nxs", object: { path: "/entry/data" } })).toBe(
    "?key=demo/a.nxs&path=/entry/data",
  );
  expect(addressOf({ key: "a.h5", view: "data", slice: "0,2:5,:" })).toBe(
    "?key=a.h5&view=data&slice=0,2:5,:",
  );
});

test("the folder of a key is all up to its last slash", () => {
  expect(folderOf("a/b/c.h5")).toBe("a/b/");
  expect(folderOf("c.h5")).toBe("");
});
