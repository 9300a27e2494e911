import type { Datatype, Preview } from "../api/models";
import { countText, nameText } from "../shared/format";
import type { PictureAxis } from "./axes";
import { floatOfComplex } from "./complex";
import { leavesOut, scaled, type Conversion } from "./conversion";
import type { Beside, Drawing } from "./drawing";
import { numberElementText } from "./elementText";
import { isSingle } from "./numbers";
import { numberText } from "./statistics";

/** What is said of a cell of a picture that is pointed at. */
export interface CellWords {
  /** Which elements it is, and where they lie. */
  place: string[];
  value: string;
  /** What lies beside it. */
  others: string[];
}

/** The words of the cells of a line, of which `bars` say how far its numbers may be off. */
export function lineWords(
  drawing: Drawing,
  conversion: Conversion | null,
  bars: Float64Array | null,
  auxiliaries: readonly Beside[],
): (cell: number) => CellWords {
  const { across, preview } = drawing;
  const valueOf = valueTexts(preview, conversion);
  const others = auxiliaries.flatMap(({ label, conversion }, at) => {
    const beside = drawing.auxiliaries[at];
    return beside ? [{ label, valueOf: valueTexts(beside, conversion) }] : [];
  });
  return (cell) => ({
    place: [indicesText(preview, { column: cell }), ...coordinateTexts(across, cell)],
    value: valueOf(cell) + (bars ? ` ± ${numberText(bars[cell])}` : ""),
    others: others.map(({ label, valueOf }) => `${label}: ${valueOf(cell)}`),
  });
}

/** The words of the cells of a heatmap. */
export function heatmapWords(
  { across, down, preview }: Drawing,
  conversion: Conversion | null,
): (row: number, column: number) => CellWords {
  const valueOf = valueTexts(preview, conversion);
  return (row, column) => ({
    place: [
      indicesText(preview, { row, column }),
      ...(down ? coordinateTexts(down, row) : []),
      ...coordinateTexts(across, column),
    ],
    value: valueOf(row * across.from.length + column),
    others: [],
  });
}

/** The elements of a cell as NumPy writes them, of which the rest of the slice is a part: [3, 8:10]. */
function indicesText(preview: Preview, cell: { row?: number; column: number }): string {
  const members = preview.selection.split(",");
  const place = (axis: Preview["columns"], at: number | undefined) => {
    if (axis && at !== undefined) members[Number(axis.dimension)] = indicesOf(axis, at);
  };
  place(preview.columns, cell.column);
  place(preview.rows, cell.row);
  return `[${members.join(", ")}]`;
}

function indicesOf(axis: NonNullable<Preview["columns"]>, cell: number): string {
  const [start, step] = [Number(axis.start), Number(axis.step)];
  const [count, cells] = [Number(axis.count), Number(axis.cells)];
  // Which of the selected indices the server puts into a cell.
  const [first, after] = [cell, cell + 1].map((one) => Math.ceil((one * count) / cells));
  const [from, to] = [first ?? 0, (after ?? 0) - 1].map((index) => start + index * step);
  if (from === to) return String(from);
  return `${from}:${(to ?? 0) + 1}${step === 1 ? "" : `:${step}`}`;
}

function coordinateTexts({ label, from, to, isOfIndices }: PictureAxis, cell: number): string[] {
  if (isOfIndices) return [];
  const [begin, end] = [from[cell], to[cell]].map((one) => placeText(one));
  return [`${label} = ${begin}${begin === end ? "" : ` to ${end}`}`];
}

/** Coordinates are often large and near each other: times, and angles of long scans. */
function placeText(place: number | undefined): string {
  return place === undefined ? "–" : String(Number(place.toPrecision(12)));
}

/** The numbers of each cell, with all the digits that elements have. */
function valueTexts(preview: Preview, conversion: Conversion | null): (cell: number) => string {
  const { datatype, statistics } = preview;
  const flat = (value: unknown): unknown[] => [value].flat(Infinity);
  const [min, max] = [flat(preview.min), flat(preview.max)];
  const [mean, count] = [flat(preview.mean), flat(preview.count)];
  const nameOf = memberNames(datatype);
  const part = floatOfComplex(datatype);
  const text = (stored: unknown) => {
    // What is read of complex numbers is no more exact than their parts are.
    const isRounded = isSingle(part) && typeof stored === "number";
    const number = isRounded ? Math.fround(stored) : stored;
    return nameOf(number) ?? numberElementText(number, conversion, part ?? datatype);
  };
  const isFalling = (conversion?.scale ?? 1) < 0;
  const isSampled = statistics?.sampled && !(conversion && leavesOut(conversion));
  return (cell) => {
    const stored = [min[cell], max[cell]];
    if (stored[0] == null) return isSampled && count[cell] === 0 ? "not read" : "no number";
    const [least, most] = (isFalling ? stored.reverse() : stored).map(text);
    if (least === most) return least ?? "";
    const ends = `${least} to ${most}`;
    const of = typeof count[cell] === "number" ? ` of ${countText(count[cell])}` : "";
    return mean[cell] == null ? ends : `mean ${meanText(mean[cell], conversion)}${of}, ${ends}`;
  };
}

/** What the numbers of an enumeration are called, with the number: "ON (1)"; null for what has no name. */
function memberNames(datatype: Datatype): (number: unknown) => string | null {
  if (datatype.class !== "enum") return () => null;
  // Of several names of a number the first counts.
  const named = Object.entries(datatype.members).reverse();
  const names = new Map(named.map(([name, number]) => [String(number), name]));
  return (number) => {
    const name = names.get(String(number));
    return name === undefined ? null : `${nameText(name)} (${String(number)})`;
  };
}

function meanText(mean: unknown, conversion: Conversion | null): string {
  return numberText(scaled(conversion, Number(mean)));
}
