import type { Datatype } from "../api/models";
import type { PictureAxis } from "./axes";

/** The numbers of nested lists one behind the other; what is no number is NaN. */
export function numbersOf(value: unknown): Float64Array {
  const flat: unknown[] = Array.isArray(value) ? value.flat(Infinity) : [value];
  // Numbers that JSON cannot say are texts: "NaN", "Infinity".
  return Float64Array.from(flat, (one) => (one === null ? NaN : Number(one)));
}

/** A line through the least and the greatest number of each cell, so that no peak is lost. */
export interface Envelope {
  at: Float64Array;
  values: Float64Array;
}

export function envelopeOf(
  { from, to, width }: PictureAxis,
  min: Float64Array,
  max: Float64Array,
): Envelope {
  // An element that lies between two edges is drawn between them.
  if (width <= 1)
    return { at: from.map((one, cell) => (one + (to[cell] ?? one)) / 2), values: min };
  const at = new Float64Array(2 * min.length);
  const values = new Float64Array(2 * min.length);
  min.forEach((least, cell) => {
    const [begin, end] = [from[cell] ?? NaN, to[cell] ?? NaN];
    at[2 * cell] = begin + (end - begin) / 4;
    at[2 * cell + 1] = end - (end - begin) / 4;
    values[2 * cell] = least;
    values[2 * cell + 1] = max[cell] ?? NaN;
  });
  return { at, values };
}

/** Whether a number stands between none, or alone, where no line leads to it. */
export function hasLonely(values: Float64Array): boolean {
  const isThere = (at: number) => Number.isFinite(values[at]);
  return values.some((_, at) => isThere(at) && !isThere(at - 1) && !isThere(at + 1));
}

export function isSingle(datatype: Datatype | null | undefined): boolean {
  return datatype?.class === "float" && datatype.size === 4;
}

/** The number with the fewest digits that single precision rounds to this: 0.1 of 0.10000000149011612. */
export function ofSingle(value: number): number {
  for (let digits = 1; digits < 9; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (Object.is(Math.fround(rounded), value)) return rounded;
  }
  // `toPrecision` leaves the sign of zero out.
  return value === 0 ? value : Number(value.toPrecision(9));
}
