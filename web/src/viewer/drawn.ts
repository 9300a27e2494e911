import { targetText, type DatasetMetadata } from "../api/models";
import type { Reading } from "../api/provider";
import type { Place } from "../router/place";
import { labelOf } from "./attributes";
import { complexLabel, floatOfComplex } from "./complex";
import { conversionOf, readingOf, type Conversion } from "./conversion";
import type { Beside } from "./drawing";
import type { Field } from "./nexus";

/** What is drawn of a dataset: which numbers, and what these are called. */
export interface Drawn {
  label: string;
  /** How previews read what is stored, and what is made of that here. */
  reading: Reading;
  conversion: Conversion | null;
}

/** What a place shows of the elements of a dataset that has this name where it has no other. */
export function drawnOf(
  metadata: DatasetMetadata,
  name: string,
  { isRaw, complex }: Pick<Place, "isRaw" | "complex">,
): Drawn {
  const { attributes, datatype } = metadata;
  if (floatOfComplex(datatype)) {
    const label = complexLabel(attributes, name, complex);
    return { label, reading: { complex }, conversion: null };
  }
  const conversion = isRaw ? null : conversionOf(metadata);
  return { label: labelOf(attributes, name), reading: readingOf(conversion), conversion };
}

/** What is drawn beside a line; no two have the same label. */
export function besidesOf(fields: readonly Field[], place: Place): Beside[] {
  const besides = fields.map((field) => besideOf(field, place));
  const isUnique = ({ label }: Beside) => besides.filter((one) => one.label === label).length < 2;
  return besides.map((beside) =>
    isUnique(beside) ? beside : { ...beside, label: targetText(beside.object) },
  );
}

export function besideOf({ object, metadata }: Field, place: Place): Beside {
  return { object, ...drawnOf(metadata, object.path.split("/").at(-1) ?? "", place) };
}
