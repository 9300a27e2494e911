import type { Attribute, ComplexPart, Datatype } from "../api/models";
import { labelOf } from "./attributes";

const WORDS: Record<ComplexPart, string> = {
  amplitude: "amplitude",
  phase: "phase",
  real: "real part",
  imaginary: "imaginary part",
};

/** The type of both parts of a complex number, which NumPy writes as records; null for others. */
export function floatOfComplex(datatype: Datatype | null | undefined): Datatype | null {
  if (datatype?.class === "complex") return datatype.base;
  if (datatype?.class !== "compound") return null;
  const [real, imaginary, ...more] = datatype.fields;
  const isNamed = real?.name === "r" && imaginary?.name === "i" && more.length === 0;
  if (!isNamed || real.datatype.class !== "float" || imaginary.datatype.class !== "float") {
    return null;
  }
  const { size, order } = real.datatype;
  const isPacked = imaginary.offset === size && datatype.size === 2 * size;
  const isEqual = imaginary.datatype.size === size && imaginary.datatype.order === order;
  return isPacked && isEqual ? real.datatype : null;
}

/** What is drawn of complex numbers, with its unit: "phase of psi (rad)". */
export function complexLabel(
  attributes: readonly Attribute[],
  name: string,
  part: ComplexPart,
): string {
  return `${WORDS[part]} of ${labelOf(attributes, name, part === "phase" ? "rad" : undefined)}`;
}
