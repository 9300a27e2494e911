import type { Datatype } from "../api/models";
import { nameText, visibleText } from "../shared/format";
import { isReference, referenceText, type Reference } from "../shared/reference";
import { floatOfComplex } from "./complex";
import { asRead, isNone, isScaled, scaled, type Conversion } from "./conversion";
import { isSingle, ofSingle } from "./numbers";

/** A number as an element of a table: what it stands for, and a dash where that is none. */
export function numberElementText(
  element: unknown,
  conversion: Conversion | null,
  datatype: Datatype | null,
): string {
  if (!conversion) return elementText(element, datatype);
  const read = asRead(conversion, element);
  if (isNone(conversion, read)) return "–";
  if (isScaled(conversion) && (typeof read === "number" || typeof read === "bigint")) {
    return String(Number(scaled(conversion, Number(read)).toPrecision(conversion.digits)));
  }
  return elementText(read, datatype);
}

/** An element as text on one line: what the server writes, with the marks of JSON left out. */
export function elementText(value: unknown, datatype: Datatype | null): string {
  return textOf(elementParts(value, datatype));
}

export function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (typeof part === "string" ? part : referenceText(part))).join("");
}

/** A part of an element on one line: text, or what leads to another object. */
export type Part = string | Reference;

/**
 * An element as text, and references between it.
 *
 * Its type says what it is: a record may have the fields by which others would be told from it.
 */
export function elementParts(value: unknown, datatype: Datatype | null): Part[] {
  if (value === null || value === undefined) return [];
  switch (datatype?.class) {
    case "float":
      return [
        scalarText(isSingle(datatype) && typeof value === "number" ? ofSingle(value) : value),
      ];
    case "array":
      return arrayParts(value, datatype.base, datatype.dims.length);
    case "vlen":
      return arrayParts(value, datatype.base, 1);
    case "complex":
    case "compound": {
      const part = floatOfComplex(datatype);
      const isComplex = part && Array.isArray(value);
      return isComplex ? [complexText(value, part)] : recordParts(value, datatype);
    }
    case "enum":
      return [enumText(value)];
    case "reference":
      return [isReference(value) ? value : scalarText(value)];
    default:
      return [scalarText(value)];
  }
}

function arrayParts(value: unknown, base: Datatype, dimensions: number): Part[] {
  if (!Array.isArray(value) || dimensions === 0) return memberParts(value, base);
  return ["[", ...listed(value.map((one) => arrayParts(one, base, dimensions - 1))), "]"];
}

/** As NumPy writes it: "(1-2j)". */
function complexText(parts: readonly unknown[], part: Datatype): string {
  const [real, imaginary] = parts.map((one) => elementText(one, part));
  const sign = imaginary?.startsWith("-") ? "" : "+";
  return `(${real ?? ""}${sign}${imaginary ?? ""}j)`;
}

function recordParts(value: unknown, datatype: Datatype): Part[] {
  if (datatype.class !== "compound" || typeof value !== "object") return [scalarText(value)];
  // Objects have names that are numbers first: the type has the fields as they are stored.
  const fields = datatype.fields.map(({ name, datatype }) => {
    const member = (value as Record<string, unknown>)[name];
    return [`${nameText(name)}: `, ...memberParts(member, datatype)];
  });
  return ["{", ...listed(fields), "}"];
}

function listed(members: readonly Part[][]): Part[] {
  return members.flatMap((parts, at) => (at > 0 ? [", ", ...parts] : parts));
}

function enumText(value: unknown): string {
  if (typeof value !== "object" || value === null) return scalarText(value);
  const { enum: name, value: number } = value as { enum?: unknown; value?: unknown };
  return scalarText(name ?? number);
}

function scalarText(value: unknown): string {
  if (typeof value === "object" && value !== null && "base64" in value) {
    return `bytes ${scalarText(value.base64)}`;
  }
  // A sign that `String` leaves out.
  if (Object.is(value, -0)) return "-0";
  return typeof value === "string" ? visibleText(value) : `${value as number}`;
}

/** Among others only quotes tell where a text ends. */
function memberParts(value: unknown, datatype: Datatype): Part[] {
  const isText = datatype.class === "string" && typeof value === "string";
  return isText ? [visibleText(JSON.stringify(value))] : elementParts(value, datatype);
}
