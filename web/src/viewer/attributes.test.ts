import { expect, test } from "vitest";
import { labelOf } from "./attributes";

test.each([
  ["two theta", "degree", "two theta (degree)"],
  ["two theta (degree)", "degree", "two theta (degree)"],
  ["pressure [Pa]", "Pa", "pressure [Pa]"],
  ["time", "m", "time (m)"],
  ["Pressure", "s", "Pressure (s)"],
  ["ratio", "1", "ratio"],
  ["\u202egnol", "m", "\\u202egnol (m)"],
  ["x".repeat(5000), "m", `${"x".repeat(100)}…`],
])("%s in %s is called %s", (long, units, label) => {
  const attributes = [
    { name: "long_name", value: long },
    { name: "units", value: units },
  ];
  expect(labelOf(attributes, "name")).toBe(label);
});
