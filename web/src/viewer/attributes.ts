import type { Attribute, Datatype, Integer } from "../api/models";
import { visibleText } from "../shared/format";

type Attributes = readonly Attribute[];

/** The value of an attribute; of one that is a list of one element, that element. */
export function valueOf(attributes: Attributes, name: string): unknown {
  const value = attributes.find((attribute) => attribute.name === name)?.value;
  return Array.isArray(value) && value.length === 1 ? (value as unknown[])[0] : value;
}

export function textOf(attributes: Attributes, name: string): string | null {
  const value = valueOf(attributes, name);
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

/** The texts of an attribute that is one text, or a list of them. */
export function textsOf(attributes: Attributes, name: string): string[] {
  const value = attributes.find((attribute) => attribute.name === name)?.value;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === "string");
}

/** Names that stand in a list, or in one text between colons or commas: "[x:y]", "x,y". */
export function namesOf(attributes: Attributes, name: string): string[] {
  const split = (text: string) => text.replace(/^\s*\[|\]\s*$/g, "").split(/[:,]/);
  return textsOf(attributes, name)
    .flatMap(split)
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

/** A number that may be written as a text. */
export function ordinalOf(attributes: Attributes, name: string): number | null {
  const text = textOf(attributes, name);
  return text !== null && /^\s*\d+\s*$/.test(text) ? Number(text) : numberOf(attributes, name);
}

/** The numbers of an attribute that is one number, or a list of them, with all their digits. */
export function numbersOfAttribute(attributes: Attributes, name: string): Integer[] {
  return typedNumbersOf(attributes, name).map(({ value }) => value);
}

/** A number of an attribute, with the type that it has there. */
export interface TypedNumber {
  value: Integer;
  datatype: Datatype | null;
}

export function typedNumbersOf(attributes: Attributes, name: string): TypedNumber[] {
  const { value, datatype = null } = attributes.find((one) => one.name === name) ?? {};
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list
    .filter((one) => typeof one === "number" || typeof one === "bigint")
    .map((value) => ({ value, datatype }));
}

export function numberOf(attributes: Attributes, name: string): number | null {
  const value = valueOf(attributes, name);
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : null;
}

/** Of a label, which stands along the side of a picture, no more is legible. */
const LABEL_LETTERS = 100;

/** What a dataset is called by those who made it, with its unit: "two theta (degree)". */
export function labelOf(
  attributes: Attributes,
  name: string,
  units: string | null = textOf(attributes, "units"),
): string {
  const long = textOf(attributes, "long_name") ?? name;
  const isSaid = [`(${units ?? ""})`, `[${units ?? ""}]`].some((said) => long.includes(said));
  const label = units === null || units === "1" || isSaid ? long : `${long} (${units})`;
  // As points, not as units of 16 bits: none is cut in the middle.
  const letters = Array.from(visibleText(label));
  return letters.length > LABEL_LETTERS
    ? `${letters.slice(0, LABEL_LETTERS).join("")}…`
    : letters.join("");
}
