import type { Preview } from "../api/models";
import { countText } from "../shared/format";
import { converted, conversionWords, type Cells, type Conversion } from "./conversion";
import { numbersOf } from "./numbers";

/** A picture in words: what it cannot show, and what those read who see no pictures. */
export function statisticsWords(
  preview: Preview,
  conversion: Conversion | null,
  cells: Cells,
): string {
  const { statistics, read } = preview;
  if (!statistics) return "";
  const { count, nan_count, sampled } = statistics;
  const words = [`${countText(count)} numbers${sampled ? " taken evenly" : ""}`];
  const { min, max, mean, std } = inWords(statistics, conversion, cells);
  words.push(`from ${min} to ${max}`);
  if (mean !== null) words.push(`mean ${mean} ± ${std}`);
  if (Number(nan_count) > 0) words.push(`${countText(nan_count)} NaN`);
  if (sampled) words.push(`of ${countText(read.elements_selected)} selected`);
  const stored = conversion ? `; stored numbers ${conversionWords(conversion)}` : "";
  return words.join(", ") + partWords(preview) + stored;
}

/** How much of the selection a picture shows, where it does not show all of it. */
function partWords({ statistics, read, count }: Preview): string {
  if (!statistics?.sampled || Number(read.chunks_selected) === 0) return "";
  const chunks = `${countText(read.chunks)} of ${countText(read.chunks_selected)} chunks are shown`;
  const isEmpty = numbersOf(count ?? []).includes(0);
  return `; ${chunks}${isEmpty ? ", and what lies between them is left empty" : ""}`;
}

type Statistics = NonNullable<Preview["statistics"]>;

function inWords({ min, max, mean, std }: Statistics, conversion: Conversion | null, cells: Cells) {
  if (conversion === null) {
    return {
      min: numberText(min),
      max: numberText(max),
      mean: numberText(mean),
      std: numberText(std),
    };
  }
  const [least, most] = extentOf(cells);
  // What stands for no number is in the mean of what is stored.
  if (cells.hasGaps) {
    return { min: numberText(least), max: numberText(most), mean: null, std: null };
  }
  return {
    min: numberText(least),
    max: numberText(most),
    mean: numberText(converted({ ...conversion, fills: [] }, Number(mean))),
    std: numberText(Math.abs(Number(std) * conversion.scale)),
  };
}

function extentOf({ min, max }: Cells): [number, number] {
  let [least, most] = [NaN, NaN];
  for (const number of min) if (!(number >= least)) least = Number.isNaN(number) ? least : number;
  for (const number of max) if (!(number <= most)) most = Number.isNaN(number) ? most : number;
  return [least, most];
}

/** A number as it is said beside a picture. */
export function numberText(value: unknown): string {
  if (typeof value === "number") {
    return Number.isNaN(value) ? "–" : String(Number(value.toPrecision(6)));
  }
  // Integers that a number would round, and "Infinity".
  return typeof value === "bigint" || typeof value === "string" ? String(value) : "–";
}
