import type { DatasetMetadata } from "../api/models";
import { ApiError } from "../api/problem";
import { numberText } from "./statistics";
import { numbersOfAttribute, textOf } from "./attributes";
import { asUnsigned } from "./signs";

/** The colours of a pixel lie in the last dimension, in the one before, or before both sides. */
const PLACES_FROM_END = { INTERLACE_PIXEL: 1, INTERLACE_LINE: 2, INTERLACE_PLANE: 3 };

/**
 * The dimension that holds the colours of pixels; null for what is no image.
 *
 * Numbers of any type are colours where HDF5's image specification is followed, and bytes by threes
 * or fours wherever they are.
 */
export function colourDimension(dataset: DatasetMetadata): number | null {
  const { shape, datatype, attributes } = asUnsigned(dataset);
  const isNumber = datatype?.class === "integer" || datatype?.class === "float";
  if (!shape || shape.length < 3 || !isNumber) return null;
  const isByte = datatype.class === "integer" && datatype.size === 1 && !datatype.signed;
  if (!isByte && !isTrueColour(dataset)) return null;
  const mode = textOf(attributes, "INTERLACE_MODE") ?? "INTERLACE_PIXEL";
  if (!(mode in PLACES_FROM_END)) return null;
  const dimension = shape.length - PLACES_FROM_END[mode as keyof typeof PLACES_FROM_END];
  const colours = Number(shape[dimension]);
  return colours === 3 || colours === 4 ? dimension : null;
}

export function isImage({ attributes }: Pick<DatasetMetadata, "attributes">): boolean {
  return textOf(attributes, "CLASS") === "IMAGE";
}

/** Numbers that are none and all of a colour. */
export interface ColourRange {
  none: number;
  full: number;
  /** Who says so; null where nothing else can be meant. */
  words: string | null;
}

/** Pixels by rows, each of red, green and blue between 0 and 255. */
export interface Pixels {
  rgb: Uint8Array;
  range: ColourRange;
  /** Whether there was a fourth number, which is left out. */
  hasOpacity: boolean;
}

/**
 * The pixels of an image of `rows` × `columns`, of elements that were read little-endian.
 *
 * `before` is how many of the two sides lie before the colours: two where these are pixel by pixel.
 */
export function pixelsOf(
  bytes: ArrayBuffer,
  stored: DatasetMetadata,
  [rows, columns]: readonly [number, number],
  before: number,
): Pixels {
  const dataset = asUnsigned(stored);
  const dimension = colourDimension(dataset);
  const colours = dimension === null ? 0 : Number(dataset.shape?.[dimension]);
  const numbers = numbersIn(bytes, rows * columns * colours, dataset.datatype);
  const range = rangeOf(dataset, numbers);
  const apart = stepsOf(before, rows, columns, colours);
  const rgb = new Uint8ClampedArray(rows * columns * 3);
  const span = range.full - range.none;
  for (let at = 0; at < rgb.length; at += 1) {
    const [pixel, colour] = [Math.floor(at / 3), at % 3];
    const [row, column] = [Math.floor(pixel / columns), pixel % columns];
    const number = numbers[row * apart.row + column * apart.column + colour * apart.colour];
    // What is no number is black.
    rgb[at] = (((number ?? NaN) - range.none) / span) * 255;
  }
  return { rgb: new Uint8Array(rgb.buffer), range, hasOpacity: colours === 4 };
}

/** What was done to make colours of numbers, as the rest of a sentence; "" for nothing. */
export function colourWords({ range, hasOpacity }: Pixels): string {
  const { none, full, words } = range;
  const scaled = `; ${numberText(none)} is none of a colour and ${numberText(full)} all of it`;
  const opacity = hasOpacity ? "; how opaque they are is left out" : "";
  return `${words === null ? "" : `${scaled}, ${words}`}${opacity}`;
}

/** How far elements lie apart from one row, column and colour to the next. */
function stepsOf(before: number, rows: number, columns: number, colours: number) {
  if (before === 0) return { row: columns, column: 1, colour: rows * columns };
  if (before === 1) return { row: colours * columns, column: 1, colour: columns };
  return { row: colours * columns, column: colours, colour: 1 };
}

function isTrueColour({ attributes }: DatasetMetadata): boolean {
  return isImage({ attributes }) && textOf(attributes, "IMAGE_SUBCLASS") === "IMAGE_TRUECOLOR";
}

function numbersIn(
  bytes: ArrayBuffer,
  count: number,
  datatype: DatasetMetadata["datatype"],
): Numbers {
  const size = bytes.byteLength / count;
  if (datatype?.class === "float") {
    if (size === 4) return new Float32Array(bytes);
    if (size === 8) return new Float64Array(bytes);
  }
  if (datatype?.class === "integer") {
    const Type = datatype.signed ? SIGNED[size] : UNSIGNED[size];
    if (Type) return new Type(bytes);
    if (size === 8) {
      const long = datatype.signed ? new BigInt64Array(bytes) : new BigUint64Array(bytes);
      return Float64Array.from(long, Number);
    }
  }
  const words = `There are ${bytes.byteLength} bytes of ${count} numbers.`;
  throw new ApiError("unexpected_answer", words);
}

const SIGNED = { 1: Int8Array, 2: Int16Array, 4: Int32Array } as Record<number, NumberArrayType>;
const UNSIGNED = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as Record<
  number,
  NumberArrayType
>;
type NumberArrayType = new (bytes: ArrayBuffer) => Numbers;
type Numbers = ArrayLike<number> & Iterable<number>;

function rangeOf(dataset: DatasetMetadata, numbers: Numbers): ColourRange {
  const { attributes, datatype } = dataset;
  const [none, full] = numbersOfAttribute(attributes, "IMAGE_MINMAXRANGE").map(Number);
  if (none !== undefined && full !== undefined && none < full) {
    return { none, full, words: "as IMAGE_MINMAXRANGE says" };
  }
  if (datatype?.class === "integer") {
    const bits = datatype.precision ?? 8 * datatype.size;
    const least = datatype.signed ? -(2 ** (bits - 1)) : 0;
    const isByte = least === 0 && bits === 8;
    return {
      none: least,
      full: least + 2 ** bits - 1,
      words: isByte ? null : "as the type has it",
    };
  }
  let [least, most] = [0, 1];
  for (const number of numbers) {
    if (number < least && number > -Infinity) least = number;
    if (number > most && number < Infinity) most = number;
  }
  const isOfOne = least === 0 && most === 1;
  return { none: least, full: most, words: isOfOne ? "as usual" : "as far as what is shown goes" };
}
