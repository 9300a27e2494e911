import type { Attribute, DatasetMetadata, Integer, Preview } from "../api/models";
import { numberOf, numbersOfAttribute, textOf } from "./attributes";
import { isSingle, numbersOf, ofSingle } from "./numbers";

/** The server takes no more with a question. */
const FILLS_MAX = 16;
/** What precision keeps of any number; in the digits after these lie the errors of the arithmetic. */
const SINGLE_DIGITS = 7;
const DOUBLE_DIGITS = 15;

/** What stored numbers stand for, where attributes say it as in the CF conventions. */
export interface Conversion {
  /** Stored numbers that stand for none. */
  fills: readonly Integer[];
  scale: number;
  offset: number;
  /** How many digits of the results mean something. */
  digits: number;
}

/** Null where stored numbers are what they stand for. */
export function conversionOf(
  dataset: Pick<DatasetMetadata, "attributes" | "datatype">,
): Conversion | null {
  const { attributes } = dataset;
  const [scale, offset] = [
    factorOf(attributes, "scale_factor"),
    factorOf(attributes, "add_offset"),
  ];
  const fills = fillsOf(attributes, dataset.datatype);
  const isOfSingles = [dataset, scale, offset].some((one) => isSingle(one?.datatype));
  const conversion = { fills, scale: scale?.value ?? 1, offset: offset?.value ?? 0 };
  if (fills.length === 0 && isOfFillsOnly(conversion)) return null;
  return { ...conversion, digits: isOfSingles ? SINGLE_DIGITS : DOUBLE_DIGITS };
}

/** A number of the conversion, of single precision as it was meant: 0.01, not 0.009999999776482582. */
function factorOf(attributes: readonly Attribute[], name: string) {
  const value = numberOf(attributes, name);
  if (value === null) return null;
  const datatype = attributes.find((attribute) => attribute.name === name)?.datatype ?? null;
  return { value: isSingle(datatype) ? ofSingle(value) : value, datatype };
}

/** What netCDF says of the signs of numbers, and is not applied: previews are of stored numbers. */
export function signWords({
  attributes,
  datatype,
}: Pick<DatasetMetadata, "attributes" | "datatype">): string | null {
  const isUnsigned = textOf(attributes, "_Unsigned")?.toLowerCase() === "true";
  if (!isUnsigned || datatype?.class !== "integer" || !datatype.signed) return null;
  const more = 2n ** BigInt(8 * datatype.size);
  return (
    "_Unsigned says that these numbers have no sign. They are shown as they are stored, with one: " +
    `add ${more} to stored numbers below zero.`
  );
}

/** The number that a stored one stands for; NaN for none. */
export function converted(conversion: Conversion, stored: Integer): number {
  const { scale, offset } = conversion;
  return isFill(conversion, stored) ? NaN : Number(stored) * scale + offset;
}

/** What the numbers of a list stand for; NaN for none. */
export function convertedList(conversion: Conversion | null, stored: unknown): Float64Array {
  const numbers = numbersOf(stored);
  if (!conversion) return numbers;
  const { scale, offset } = conversion;
  const exact: unknown[] = Array.isArray(stored) ? stored : [stored];
  return numbers.map((number, at) =>
    isFill(conversion, exact[at]) ? NaN : number * scale + offset,
  );
}

export function isFill({ fills }: Conversion, stored: unknown): boolean {
  return fills.some((fill) => fill === stored);
}

/** Whether a conversion leaves numbers as they are, and only leaves some out. */
export function isOfFillsOnly({ scale, offset }: Pick<Conversion, "scale" | "offset">): boolean {
  return scale === 1 && offset === 0;
}

/** The numbers that stand for none, with all digits: as a question says them. */
export function missingTexts(conversion: Conversion | null): string[] {
  return conversion?.fills.map(String) ?? [];
}

/** A conversion as a part of a sentence: "× 0.01, + 273.15, without −32768". */
export function conversionWords({ fills, scale, offset }: Conversion): string {
  const words = [];
  if (scale !== 1) words.push(`× ${scale}`);
  if (offset !== 0) words.push(offset < 0 ? `− ${-offset}` : `+ ${offset}`);
  if (fills.length > 0) words.push(`without ${fills.map(String).join(" and ")}`);
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
  const { scale, offset } = conversion ?? { scale: 1, offset: 0 };
  const each = (stored: unknown) => numbersOf(stored).map((number) => number * scale + offset);
  const [min, max] = [each(preview.min), each(preview.max)];
  const mean = preview.mean === undefined ? null : each(preview.mean);
  return scale < 0 ? { min: max, max: min, mean } : { min, max, mean };
}

function fillsOf(
  attributes: readonly Attribute[],
  datatype: DatasetMetadata["datatype"],
): Integer[] {
  const given = ["_FillValue", "missing_value"].flatMap((name) =>
    numbersOfAttribute(attributes, name),
  );
  // An attribute of another type than the elements means what is stored for it.
  const stored = given.map((fill) => {
    if (datatype?.class !== "float") return fill;
    const single = datatype.size === 4 ? Math.fround(Number(fill)) : NaN;
    return Number.isFinite(single) ? single : Number(fill);
  });
  return [...new Set(stored)].slice(0, FILLS_MAX);
}
