import { expect, test } from "vitest";
import { complexLabel } from "./complex";

const ATTRIBUTES = [
  { name: "long_name", value: "wave function" },
  { name: "units", value: "V/m" },
];

test("what is drawn of complex numbers is in their unit, but for the phase", () => {
  expect(complexLabel(ATTRIBUTES, "psi", "amplitude")).toBe("amplitude of wave function (V/m)");
  expect(complexLabel(ATTRIBUTES, "psi", "imaginary")).toBe(
    "imaginary part of wave function (V/m)",
  );
  expect(complexLabel(ATTRIBUTES, "psi", "phase")).toBe("phase of wave function (rad)");
  expect(complexLabel([], "psi", "real")).toBe("real part of psi");
});
