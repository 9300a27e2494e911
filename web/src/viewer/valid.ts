import type { Attribute, DatasetMetadata, Integer } from "../api/models";
import { typedNumbersOf, type TypedNumber } from "./attributes";
import { isSingle, ofSingle } from "./numbers";

/** The least and the greatest stored number that is a measurement; null where there is no such end. */
export interface Valid {
  least: Integer | null;
  most: Integer | null;
}

/** What stored integers are multiplied by, and what is added, with the digits that mean something. */
interface Packing {
  scale: number;
  offset: number;
  digits: number;
}

/**
 * Which stored numbers are valid, as `valid_range` or `valid_min` and `valid_max` say; null for all.
 *
 * They are numbers as they are stored but for floats that are said of packed integers: these are of
 * what the integers stand for. A pair that leaves no number is damaged, and says nothing.
 */
export function validOf(
  { attributes, datatype }: Pick<DatasetMetadata, "attributes" | "datatype">,
  packing: Packing,
  storedOf: (given: TypedNumber) => Integer,
): Valid | null {
  const ends = endsOf(attributes);
  const isPacked = datatype?.class === "integer" && (packing.scale !== 1 || packing.offset !== 0);
  if (!isPacked || !ends.some((end) => end?.datatype?.class === "float")) {
    const [least, most] = ends.map((end) => end && storedOf(end));
    return sane(least ?? null, most ?? null);
  }
  // The least number is what the greatest stored one stands for, where the scale is below zero.
  const [least, most] = packing.scale < 0 ? [ends[1], ends[0]] : ends;
  return sane(
    least && packed(least, packing, Math.ceil),
    most && packed(most, packing, Math.floor),
  );
}

export function isOutside({ least, most }: Valid, number: unknown): boolean {
  // Infinities are texts in JSON; what is no number at all is neither within nor outside.
  const value = typeof number === "string" ? Number(number) : number;
  if (typeof value !== "number" && typeof value !== "bigint") return false;
  return (least !== null && value < least) || (most !== null && value > most);
}

type Ends = readonly [TypedNumber | null, TypedNumber | null];

function endsOf(attributes: readonly Attribute[]): Ends {
  const [first, last, ...more] = typedNumbersOf(attributes, "valid_range");
  if (first && last && more.length === 0) return [first, last];
  const [least] = typedNumbersOf(attributes, "valid_min");
  const [most] = typedNumbersOf(attributes, "valid_max");
  return [least ?? null, most ?? null];
}

/** The outermost integer that stands for a number not beyond this one: `inwards` of it. */
function packed(
  { value, datatype }: TypedNumber,
  { scale, offset, digits }: Packing,
  inwards: (exact: number) => number,
): number {
  const meant = isSingle(datatype) ? ofSingle(Number(value)) : Number(value);
  const exact = (meant - offset) / scale;
  const nearest = Math.round(exact);
  // The arithmetic is off in the digits that mean nothing: 9.999999999 is 10.
  const off = (Math.abs(meant) + Math.abs(offset)) / Math.abs(scale) / 10 ** digits;
  return Math.abs(exact - nearest) <= off ? nearest : inwards(exact);
}

/** Null where there is no end, or nothing between the two. */
function sane(least: Integer | null, most: Integer | null): Valid | null {
  const given = [least, most].filter((end) => end !== null);
  const isSane = given.every((end) => Number.isFinite(Number(end)));
  const isOrdered = (least ?? -Infinity) <= (most ?? Infinity);
  return given.length > 0 && isSane && isOrdered ? { least, most } : null;
}
