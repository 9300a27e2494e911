import type { Integer, Target } from "../api/models";
import { nameText } from "./format";

/** A reference to an object, or to a part of it, as the API writes it. */
export interface Reference {
  reference: string;
  /** Of the object; null where it leads nowhere. */
  address: Integer | null;
  /** Null where nobody has met the object yet. */
  path?: string | null;
}

/** Whether a value is one: a record may have fields of these names as well, of whatever type. */
export function isReference(value: unknown): value is Reference {
  if (typeof value !== "object" || value === null) return false;
  const { reference, address, path } = value as Partial<Record<keyof Reference, unknown>>;
  const isAddress = address === null || typeof address === "bigint" || Number.isInteger(address);
  const isPath = path === undefined || path === null || typeof path === "string";
  return typeof reference === "string" && isAddress && isPath;
}

/** The object that it leads to; null for a null reference. */
export function targetOfReference({ path, address }: Reference): Target | null {
  if (path != null) return { path };
  return address === null ? null : { address: String(address) };
}

export function referenceText(reference: Reference): string {
  const target = targetOfReference(reference);
  if (!target) return "null reference";
  return target.path === undefined ? `address ${target.address}` : nameText(target.path);
}
