import type { Attribute } from "../api/models";
import { numberOf } from "./attributes";

/** What stored numbers stand for, where attributes say it as in the CF conventions. */
export interface Conversion {
  /** Numbers that stand for none. */
  fills: readonly number[];
  scale: number;
  offset: number;
}

/** Null where stored numbers are what they stand for. */
export function conversionOf(attributes: readonly Attribute[]): Conversion | null {
  const fills = ["_FillValue", "missing_value"].flatMap((name) => {
    const fill = numberOf(attributes, name);
    return fill === null ? [] : [fill];
  });
  const scale = numberOf(attributes, "scale_factor") ?? 1;
  const offset = numberOf(attributes, "add_offset") ?? 0;
  if (fills.length === 0 && scale === 1 && offset === 0) return null;
  return { fills: [...new Set(fills)], scale, offset };
}

/** The number that a stored one stands for; NaN for none. */
export function converted({ fills, scale, offset }: Conversion, stored: number): number {
  return fills.includes(stored) ? NaN : stored * scale + offset;
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
  /** Whether some of the cells were left out for a number in them that stands for none. */
  hasGaps: boolean;
}

/**
 * Cells of what the stored numbers stand for.
 *
 * A cell whose least or greatest number stands for none is left out: its mean would be wrong.
 */
export function convertedCells(conversion: Conversion, cells: Omit<Cells, "hasGaps">): Cells {
  const { fills, scale } = conversion;
  const isGap = cells.min.map((min, at) =>
    fills.includes(min) || fills.includes(cells.max[at] ?? min) ? 1 : 0,
  );
  const each = (stored: Float64Array) =>
    stored.map((number, at) => (isGap[at] ? NaN : converted(conversion, number)));
  const [min, max] = [each(cells.min), each(cells.max)];
  const hasGaps = isGap.includes(1);
  const mean = cells.mean && each(cells.mean);
  return scale < 0 ? { min: max, max: min, mean, hasGaps } : { min, max, mean, hasGaps };
}
