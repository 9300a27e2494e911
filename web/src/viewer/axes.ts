import type { Attribute, Preview, Target } from "../api/models";

/** Where the cells of a picture lie along one of its sides. */
export interface PictureAxis {
  label: string;
  /** Where each cell begins and ends: the same number, where it is one element. */
  from: Float64Array;
  to: Float64Array;
  /** The index that the first cell begins with, and how many indices each stands for. */
  start: number;
  width: number;
  /** Whether these are the indices themselves, and not what a dataset says of them. */
  isOfIndices: boolean;
}

type PreviewAxis = Preview["columns"];

/** The dimension scales of HDF5, which netCDF takes for its coordinates. */
export function dimensionScales(attributes: readonly Attribute[]): (Target | null)[] {
  const list = attributes.find(({ name }) => name === "DIMENSION_LIST")?.value;
  if (!Array.isArray(list)) return [];
  return list.map((scales: unknown) => {
    const first: unknown = Array.isArray(scales) ? scales[0] : null;
    if (typeof first !== "object" || first === null) return null;
    if ("path" in first && typeof first.path === "string") return { path: first.path };
    const hasAddress = "address" in first && first.address !== null;
    return hasAddress ? { address: String(first.address) } : null;
  });
}

/** An axis of plain indices. */
export function indexAxis(axis: PreviewAxis, label: string): PictureAxis {
  const { start, count, cells, step } = numbersOfAxis(axis);
  const width = (count * step) / cells;
  const from = Float64Array.from({ length: cells }, (_, cell) => start + cell * width);
  const to = width > 1 ? from.map((index) => index + width) : from;
  return { label, from, to, start, width, isOfIndices: true };
}

/** What a dataset says of where elements lie, as a preview of the same elements has it. */
export interface Coordinates {
  columns: PreviewAxis;
  min: Float64Array;
  max: Float64Array;
  /** Whether only some of the chunks were read. */
  isSampled: boolean;
}

/** An axis of coordinates; null where they are not of these cells, or some of them is no number. */
export function coordinateAxis(
  axis: PreviewAxis,
  label: string,
  coordinates: Coordinates,
): PictureAxis | null {
  const { min, max, isSampled } = coordinates;
  return isSampled ? axisBetween(axis, label, coordinates) : axisOfAll(axis, label, min, max);
}

/** An axis of coordinates of which some were read: the others are taken to lie evenly between. */
function axisBetween(
  axis: PreviewAxis,
  label: string,
  { columns, min, max }: Coordinates,
): PictureAxis | null {
  const own = indexAxis(columns, "");
  const read = Array.from(own.from, (from, cell) => ({
    index: from + own.width / 2,
    place: ((min[cell] ?? NaN) + (max[cell] ?? NaN)) / 2,
  })).filter(({ place }) => Number.isFinite(place));
  const placeOf = (index: number): number => {
    const next = read.findIndex((one, at) => at > 0 && one.index >= index);
    const [before, after] = next < 0 ? read.slice(-2) : read.slice(next - 1, next + 1);
    if (!before || !after) return NaN;
    const slope = (after.place - before.place) / (after.index - before.index);
    return before.place + (index - before.index) * slope;
  };
  const { from: indices, width, start } = indexAxis(axis, "");
  if (read.length < 2) return null;
  // A cell of one element is that element, and not the way to the next.
  const from = indices.map((index) => placeOf(width > 1 ? index : index + 0.5));
  const to = width > 1 ? indices.map((index) => placeOf(index + width)) : from;
  const words = `${label}, even between what was read`;
  return { label: words, from, to, start, width, isOfIndices: false };
}

function axisOfAll(
  axis: PreviewAxis,
  label: string,
  min: Float64Array,
  max: Float64Array,
): PictureAxis | null {
  const { start, count, cells, step } = numbersOfAxis(axis);
  const isWhole = min.length === cells && [...min, ...max].every(Number.isFinite);
  if (!isWhole) return null;
  const falls = (min[0] ?? 0) > (min[cells - 1] ?? 0);
  const [from, to] = falls ? [max, min] : [min, max];
  return { label, from, to, start, width: (count * step) / cells, isOfIndices: false };
}

/** The middle of each cell. */
export function middlesOf({ from, to, width, isOfIndices }: PictureAxis): Float64Array {
  // The last index of a cell is one before the first of the next.
  const less = isOfIndices && width > 1 ? 1 : 0;
  return from.map((one, cell) => (one + (to[cell] ?? one) - less) / 2);
}

/** The edges of cells that are all as wide, one more than cells; null where they are not. */
export function evenEdges(axis: PictureAxis): Float64Array | null {
  const cells = axis.from.length;
  const middles = middlesOf(axis);
  const [first = 0, last = 0] = [middles[0], middles[cells - 1]];
  const step = cells > 1 ? (last - first) / (cells - 1) : axis.isOfIndices ? axis.width : 1;
  const isEven = middles.every(
    (middle, cell) => Math.abs(middle - (first + cell * step)) <= Math.abs(step) / 2,
  );
  if (!isEven || step === 0) return null;
  return Float64Array.from({ length: cells + 1 }, (_, cell) => first + (cell - 0.5) * step);
}

/** The indices of the cells whose middles lie between two places; of none, of the nearest one. */
export function indicesBetween(
  axis: PictureAxis,
  one: number,
  other: number,
): { start: number; stop: number } {
  const [least, most] = [Math.min(one, other), Math.max(one, other)];
  const cells: number[] = [];
  let nearest = 0;
  const middles = middlesOf(axis);
  const away = (cell: number) => Math.abs((middles[cell] ?? 0) - (least + most) / 2);
  middles.forEach((middle, cell) => {
    if (middle >= least && middle <= most) cells.push(cell);
    if (away(cell) < away(nearest)) nearest = cell;
  });
  const [first, last] = [cells[0] ?? nearest, cells.at(-1) ?? nearest];
  return {
    start: axis.start + Math.floor(first * axis.width),
    stop: axis.start + Math.ceil((last + 1) * axis.width),
  };
}

function numbersOfAxis(axis: PreviewAxis) {
  const { start = 0, step = 1, count = 1, cells = 1 } = axis ?? {};
  return { start: Number(start), step: Number(step), count: Number(count), cells: Number(cells) };
}
