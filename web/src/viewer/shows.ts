import type { DatasetMetadata } from "../api/models";
import type { Show } from "../router/place";
import { floatOfComplex } from "./complex";
import { colourDimension } from "./pixels";

export const SHOW_WORDS: Record<Show, string> = {
  table: "Table",
  line: "Line",
  heatmap: "Heatmap",
  image: "Image",
  points: "Points",
};

/** How many dimensions are shown from end to end. */
export const AXES: Record<Show, number> = { table: 2, line: 1, heatmap: 2, image: 2, points: 1 };

/** The ways that suit a dataset, the best one first. */
export function showsOf(dataset: DatasetMetadata, hasPoints = false): Show[] {
  const { shape, datatype } = dataset;
  if (!shape || shape.length === 0) return ["table"];
  // Names say more than the numbers that they stand for.
  if (datatype?.class === "enum") {
    return shape.length === 1 ? ["table", "line"] : ["table", "heatmap", "line"];
  }
  const isNumber = datatype?.class === "integer" || datatype?.class === "float";
  if (!isNumber && !floatOfComplex(datatype)) return ["table"];
  if (shape.length === 1) {
    return hasPoints && isNumber ? ["points", "line", "table"] : ["line", "table"];
  }
  const pictures: Show[] = ["heatmap", "line", "table"];
  return colourDimension(dataset) !== null ? ["image", ...pictures] : pictures;
}

/** Whether there are elements to be shown at once, for whoever opens the dataset. */
export function isWorthLooking({ shape }: DatasetMetadata): boolean {
  return shape != null && shape.length > 0 && shape.every((size) => Number(size) > 0);
}
