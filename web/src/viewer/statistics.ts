import type { Integer, Preview } from "../api/models";
import { countText } from "../shared/format";
import { conversionWords, isScaled, scaled, type Conversion } from "./conversion";
import { numbersOf } from "./numbers";

/** A picture in words: what it cannot show, and what those read who see no pictures. */
export function statisticsWords(preview: Preview, conversion: Conversion | null): string {
  const { statistics, read } = preview;
  if (!statistics) return "";
  const { count, nan_count, sampled } = statistics;
  const words = [`${countText(count)} numbers${sampled ? " taken evenly" : ""}`];
  const [min, max, mean, std] = inWords(statistics, conversion);
  words.push(`from ${min} to ${max}`, `mean ${mean} ± ${std}`);
  if (Number(nan_count) > 0) words.push(`${countText(nan_count)} NaN`);
  const missing = statistics.missing_count ?? 0;
  if (Number(missing) > 0) words.push(`${countText(missing)} left out`);
  if (sampled) words.push(`of ${countText(read.elements_selected)} selected`);
  const stored = conversion ? `; stored numbers ${conversionWords(conversion)}` : "";
  return words.join(", ") + partWords(preview) + stored;
}

/** How much of the selection a picture shows, where it does not show all of it. */
function partWords({ statistics, read, count }: Preview): string {
  if (!statistics?.sampled || Number(read.chunks_selected) === 0) return "";
  const chunks = `${countText(read.chunks)} of ${countText(read.chunks_selected)} chunks are shown`;
  const isEmpty = numbersOf(count ?? []).includes(0);
  return `; ${chunks}${isEmpty ? ", and cells without numbers are left empty" : ""}`;
}

type Statistics = NonNullable<Preview["statistics"]>;

function inWords({ min, max, mean, std }: Statistics, conversion: Conversion | null) {
  // What is not converted has all its digits.
  if (conversion === null || !isScaled(conversion)) {
    return [min, max, mean, std].map(numberText);
  }
  const [one, other] = [min, max].map((read) => scaledText(conversion, read));
  const [least, most] = conversion.scale < 0 ? [other, one] : [one, other];
  const spread = isNumber(std) ? Math.abs(Number(std) * conversion.scale) : null;
  return [least, most, scaledText(conversion, mean), numberText(spread)];
}

function scaledText(conversion: Conversion, read: unknown): string {
  return numberText(isNumber(read) ? scaled(conversion, Number(read)) : null);
}

function isNumber(value: unknown): value is Integer {
  return typeof value === "number" || typeof value === "bigint";
}

/** A number as it is said beside a picture. */
export function numberText(value: unknown): string {
  if (typeof value === "number") {
    if (Number.isSafeInteger(value)) return String(value);
    return Number.isNaN(value) ? "–" : String(Number(value.toPrecision(6)));
  }
  // Integers that a number would round, and "Infinity".
  return typeof value === "bigint" || typeof value === "string" ? String(value) : "–";
}
