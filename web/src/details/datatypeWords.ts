import type { Datatype, Integer } from "../api/models";
import { counted, product } from "../shared/format";
import { floatOfComplex } from "../viewer/complex";

/** Elements of a type in words, as many of them: "unsigned 32-bit integers". */
export function datatypeWords(type: Datatype): string {
  switch (type.class) {
    case "integer":
      return `${type.signed ? "" : "unsigned "}${type.size * 8}-bit integers${orderWords(type)}`;
    case "float":
      return `${type.size * 8}-bit floats${orderWords(type)}`;
    case "string":
      return stringWords(type);
    case "enum":
      return isBoolean(type) ? "booleans" : `integers with ${counted(names(type), "name")}`;
    case "compound": {
      const part = floatOfComplex(type);
      if (part) return `complex numbers of ${datatypeWords(part)}`;
      return `records of ${counted(type.fields.length, "field")}`;
    }
    case "array":
      return `arrays of ${type.dims.join(" × ")} ${datatypeWords(type.base)}`;
    case "vlen":
      return `lists of ${datatypeWords(type.base)}`;
    case "opaque":
      return `opaque blocks of ${counted(type.size, "byte")}${type.tag ? ` (${type.tag})` : ""}`;
    case "bitfield":
      return `bit fields of ${type.size * 8} bits`;
    case "reference":
      return `references to ${{ object: "objects", region: "regions", attribute: "attributes" }[type.to]}`;
    case "time":
      return "times";
    case "complex":
      return `complex numbers of ${datatypeWords(type.base)}`;
  }
}

/** Bytes of an element; null where each has its own number. */
export function elementBytes(type: Datatype): Integer | null {
  switch (type.class) {
    case "string":
      return type.length ?? null;
    case "enum":
      return elementBytes(type.base);
    case "array":
      return multiplied(product(type.dims), elementBytes(type.base));
    case "complex":
      return multiplied(2n, elementBytes(type.base));
    case "vlen":
      return null;
    default:
      return type.size;
  }
}

/** Whether it is the enumeration by which h5py and others write booleans. */
export function isBoolean(type: Datatype): boolean {
  if (type.class !== "enum" || names(type) !== 2) return false;
  return "FALSE" in type.members && "TRUE" in type.members;
}

function names(type: Extract<Datatype, { class: "enum" }>): number {
  return Object.keys(type.members).length;
}

function multiplied(count: bigint, bytes: Integer | null): bigint | null {
  return bytes === null ? null : count * BigInt(bytes);
}

function orderWords({ order, size }: { order: string; size: number }): string {
  return order === "little" || size === 1 ? "" : ` (${order}-endian)`.replace("vax-endian", "VAX");
}

function stringWords({ length, charset }: Extract<Datatype, { class: "string" }>): string {
  const of = length == null ? "any length" : counted(length, "byte");
  return `texts of ${of}${charset === "utf-8" ? " (UTF-8)" : ""}`;
}
