import type { DatasetMetadata, Datatype, Integer } from "../api/models";
import { textOf, typedNumbersOf } from "./attributes";

type Dataset = Pick<DatasetMetadata, "attributes" | "datatype">;

/** How many bits the signed integers of a dataset have that stand for unsigned ones; null for others. */
export function unsignedBitsOf({ attributes, datatype }: Dataset): number | null {
  if (datatype?.class !== "integer" || !datatype.signed) return null;
  const said = textOf(attributes, "_Unsigned")?.toLowerCase();
  const isUnsigned =
    said === undefined ? areBeyondBytes({ attributes, datatype }) : said === "true";
  return isUnsigned ? (datatype.precision ?? 8 * datatype.size) : null;
}

/** A dataset with the type that its bytes have where its integers are unsigned. */
export function asUnsigned<One extends Dataset>(dataset: One): One {
  const { datatype } = dataset;
  // Integers of fewer bits than their bytes have are sent with the sign in all of these.
  const isWhole = datatype?.class === "integer" && datatype.precision === undefined;
  if (!isWhole || unsignedBitsOf(dataset) === null) return dataset;
  return { ...dataset, datatype: { ...datatype, signed: false } };
}

/** A stored integer read without its sign, which is its highest bit. */
export function withoutSign(stored: Integer, bits: number): Integer {
  if (stored >= 0) return stored;
  const read = BigInt(stored) + (1n << BigInt(bits));
  return read <= Number.MAX_SAFE_INTEGER ? Number(read) : read;
}

/** Whether two types are signed integers of the same size. */
export function areSameSigned(
  one: Datatype | null | undefined,
  other: Datatype | null | undefined,
): boolean {
  const [own, given] = [one, other].map((type) => (type?.class === "integer" ? type : null));
  return !!own && !!given && own.signed && given.signed && own.size === given.size;
}

/** The older way to say it of bytes: numbers are valid that no signed byte can be. */
function areBeyondBytes({ attributes, datatype }: Dataset): boolean {
  const isByte = datatype?.class === "integer" && datatype.size === 1;
  const most =
    typedNumbersOf(attributes, "valid_range")[1] ?? typedNumbersOf(attributes, "valid_max")[0];
  return isByte && most?.datatype?.class === "integer" && most.value > 127;
}
