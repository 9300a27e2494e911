import type { Attribute, DatasetMetadata, Datatype, Integer, Preview } from "../api/models";
import type { Reading } from "../api/provider";
import { numberOf, typedNumbersOf, type TypedNumber } from "./attributes";
import { isSingle, numbersOf, ofSingle } from "./numbers";
import { areSameSigned, unsignedBitsOf, withoutSign } from "./signs";
import { isOutside, validOf, type Valid } from "./valid";

/** The server takes no more with a question. */
const FILLS_MAX = 16;
/** What precision keeps of any number; in the digits after these lie the errors of the arithmetic. */
const SINGLE_DIGITS = 7;
const DOUBLE_DIGITS = 15;

type Dataset = Pick<DatasetMetadata, "attributes" | "datatype">;

/** What stored numbers stand for, where attributes say it as in the CF conventions. */
export interface Conversion {
  /** Of how many bits stored integers are that are read without their sign; null where all is read as it is. */
  unsignedBits: number | null;
  /** Numbers that stand for none, as they are read. */
  fills: readonly Integer[];
  /** Numbers beyond these stand for none either. */
  valid: Valid | null;
  scale: number;
  offset: number;
  /** How many digits of the results mean something. */
  digits: number;
}

/** Null where stored numbers are what they stand for, and where elements are no numbers. */
export function conversionOf({ attributes, datatype }: Dataset): Conversion | null {
  if (datatype?.class !== "integer" && datatype?.class !== "float") return null;
  const [scale, offset] = [
    factorOf(attributes, "scale_factor"),
    factorOf(attributes, "add_offset"),
  ];
  const isOfSingles = [datatype, scale?.datatype, offset?.datatype].some(isSingle);
  const digits = isOfSingles ? SINGLE_DIGITS : DOUBLE_DIGITS;
  const packing = { scale: scale?.value ?? 1, offset: offset?.value ?? 0, digits };
  const unsignedBits = unsignedBitsOf({ attributes, datatype });
  const storedOf = (given: TypedNumber) => storedNumber(given, datatype, unsignedBits);
  const fills = fillsOf(attributes, storedOf);
  const valid = validOf({ attributes, datatype }, packing, storedOf);
  const conversion = { unsignedBits, fills, valid, ...packing };
  const isNone = unsignedBits === null && !leavesOut(conversion) && !isScaled(conversion);
  return isNone ? null : conversion;
}

/** A number of the conversion, of single precision as it was meant: 0.01, not 0.009999999776482582. */
function factorOf(attributes: readonly Attribute[], name: string) {
  const value = numberOf(attributes, name);
  if (value === null) return null;
  const datatype = attributes.find((attribute) => attribute.name === name)?.datatype ?? null;
  return { value: isSingle(datatype) ? ofSingle(value) : value, datatype };
}

/** The number that a stored one stands for; NaN for none. */
export function converted(conversion: Conversion, stored: Integer): number {
  return convertedList(conversion, [stored])[0] ?? NaN;
}

/** What the numbers of a list stand for; NaN for none. */
export function convertedList(conversion: Conversion | null, stored: unknown): Float64Array {
  if (!conversion) return numbersOf(stored);
  const list: unknown[] = Array.isArray(stored) ? stored : [stored];
  const read = list.map((one) => asRead(conversion, one));
  return numbersOf(read).map((number, at) =>
    isNone(conversion, read[at]) ? NaN : scaled(conversion, number),
  );
}

/** A number that is not left out, multiplied and moved. */
export function scaled(conversion: Conversion | null, read: number): number {
  const { scale, offset } = conversion ?? { scale: 1, offset: 0 };
  return read * scale + offset;
}

/** A stored element as it is read: an integer without its sign, where it is said to have none. */
export function asRead({ unsignedBits }: Conversion, stored: unknown): unknown {
  const isInteger = typeof stored === "bigint" || Number.isInteger(stored);
  return unsignedBits !== null && isInteger ? withoutSign(stored as Integer, unsignedBits) : stored;
}

/** Whether a number, as it is read, stands for none. */
export function isNone({ fills, valid }: Conversion, read: unknown): boolean {
  return fills.some((fill) => fill === read) || (valid !== null && isOutside(valid, read));
}

/** Whether some numbers stand for none. */
export function leavesOut({ fills, valid }: Pick<Conversion, "fills" | "valid">): boolean {
  return fills.length > 0 || valid !== null;
}

/** Whether numbers are not what is read. */
export function isScaled({ scale, offset }: Pick<Conversion, "scale" | "offset">): boolean {
  return scale !== 1 || offset !== 0;
}

/** How previews are asked for numbers that are read so. */
export function readingOf(conversion: Conversion | null): Reading {
  if (!conversion) return {};
  const { unsignedBits, fills, valid } = conversion;
  return {
    ...(unsignedBits !== null && { isUnsigned: true }),
    missing: fills.map(String),
    ...(valid && { valid: [valid.least, valid.most].map((end) => end ?? "").join(",") }),
  };
}

/** A conversion as a part of a sentence: "read as unsigned, within 0 and 4095, × 0.01, + 273.15". */
export function conversionWords(conversion: Conversion): string {
  const { unsignedBits, fills, valid, scale, offset, digits } = conversion;
  const text = (number: Integer) =>
    typeof number === "bigint" || Number.isSafeInteger(number)
      ? String(number)
      : String(Number(number.toPrecision(digits)));
  const words = [];
  if (unsignedBits !== null) words.push("read as unsigned");
  if (valid) words.push(validWords(valid, text));
  if (scale !== 1) words.push(`× ${scale}`);
  if (offset !== 0) words.push(offset < 0 ? `− ${-offset}` : `+ ${offset}`);
  if (fills.length > 0) words.push(`without ${fills.map(text).join(" and ")}`);
  return words.join(", ");
}

/** The least, the greatest and, of heatmaps, the mean number of each cell of a preview. */
export interface Cells {
  min: Float64Array;
  max: Float64Array;
  mean: Float64Array | null;
}

/** Cells of what stored numbers stand for; those that stand for none are not in previews of them. */
export function cellsOf(preview: Preview, conversion: Conversion | null): Cells {
  const each = (read: unknown) => numbersOf(read).map((number) => scaled(conversion, number));
  const [min, max] = [each(preview.min), each(preview.max)];
  const mean = preview.mean === undefined ? null : each(preview.mean);
  return (conversion?.scale ?? 1) < 0 ? { min: max, max: min, mean } : { min, max, mean };
}

function fillsOf(
  attributes: readonly Attribute[],
  storedOf: (given: TypedNumber) => Integer,
): Integer[] {
  const given = ["_FillValue", "missing_value"].flatMap((name) => typedNumbersOf(attributes, name));
  return [...new Set(given.map(storedOf))].slice(0, FILLS_MAX);
}

/** An attribute of another type than the elements means what is stored for it, and read. */
function storedNumber(
  { value, datatype: own }: TypedNumber,
  datatype: Datatype,
  unsignedBits: number | null,
): Integer {
  if (datatype.class === "float") {
    const single = isSingle(datatype) ? Math.fround(Number(value)) : NaN;
    return Number.isFinite(single) ? single : Number(value);
  }
  const isOfOwnType = unsignedBits !== null && areSameSigned(own, datatype);
  return isOfOwnType ? withoutSign(value, unsignedBits) : value;
}

function validWords({ least, most }: Valid, text: (number: Integer) => string): string {
  if (least === null) return `at most ${text(most ?? 0)}`;
  return most === null ? `at least ${text(least)}` : `within ${text(least)} and ${text(most)}`;
}
