import { expect, test } from "vitest";
import { fileName } from "./save";

test.each([
  ["counts", "counts.npy"],
  ["sea surface temperature (degC)", "sea_surface_temperature_degC.npy"],
  ["../../etc/passwd", "etc_passwd.npy"],
  ["札幌", "札幌.npy"],
  ["", "data.npy"],
  ["x".repeat(300), `${"x".repeat(80)}.npy`],
])("%s is kept as %s", (name, file) => {
  expect(fileName(name, "npy")).toBe(file);
});
