import type { ReactNode } from "react";
import type { Integer } from "../api/models";
import { nameText, visibleText } from "../shared/format";
import { isReference } from "../shared/reference";
import { ReferenceLink } from "../shared/ReferenceLink";

/** Floats that JSON has no numbers for. */
const NOT_FINITE = new Set(["NaN", "Infinity", "-Infinity"]);

/** A value of an enumeration, as the API writes it. */
interface Enumerated {
  enum: string | null;
  value: Integer;
}

interface Props {
  value: unknown;
  /** The file: references lead to other objects of it. */
  fileKey: string;
  /** The most scalars that are shown. */
  leaves: number;
}

/** A value of the file on one line: nested lists by shape, records by field. */
export function Value({ value, fileKey, leaves }: Props) {
  // Alone a text is seen as it is; among others only quotes tell where it ends.
  if (typeof value === "string") return <>{value}</>;
  return <>{nodesOf(value, fileKey, { leaves })}</>;
}

/** Whether a value has more scalars than may be shown. */
export function hasMoreThan(value: unknown, leaves: number): boolean {
  const budget = { leaves };
  const spend = (part: unknown): void => {
    if (budget.leaves < 0) return;
    if (Array.isArray(part)) part.forEach(spend);
    else {
      budget.leaves -= 1;
      if (isRecord(part)) Object.values(part).forEach(spend);
    }
  };
  spend(value);
  return budget.leaves < 0;
}

function nodesOf(value: unknown, fileKey: string, budget: { leaves: number }): ReactNode {
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    const parts: ReactNode[] = [];
    for (const [index, item] of items.entries()) {
      if (budget.leaves <= 0) {
        parts.push(", …");
        break;
      }
      if (index > 0) parts.push(", ");
      parts.push(<span key={index}>{nodesOf(item, fileKey, budget)}</span>);
    }
    return <>[{parts}]</>;
  }
  budget.leaves -= 1;
  return leaf(value, fileKey, budget);
}

function leaf(value: unknown, fileKey: string, budget: { leaves: number }): ReactNode {
  if (typeof value === "string") return NOT_FINITE.has(value) ? value : quoted(value);
  // A sign that `String` leaves out.
  if (Object.is(value, -0)) return "-0";
  if (value === null || typeof value !== "object") return String(value);
  if (isReference(value)) return <ReferenceLink reference={value} fileKey={fileKey} />;
  if (isEnumerated(value)) {
    const { enum: name, value: number } = value;
    return name === null ? String(number) : `${nameText(name)} (${number})`;
  }
  if (isBytes(value)) return `bytes ${value.base64}`;
  const fields = Object.entries(value);
  return (
    <>
      {"{"}
      {fields.map(([name, field], index) => (
        <span key={name}>
          {index > 0 && ", "}
          {nameText(name)}: {nodesOf(field, fileKey, budget)}
        </span>
      ))}
      {"}"}
    </>
  );
}

/** A text among others, which it neither ends nor turns around. */
function quoted(text: string): string {
  return visibleText(JSON.stringify(text));
}

/** Whether it has fields, which may have called themselves as others do. */
function isRecord(value: unknown): value is object {
  const isObject = typeof value === "object" && value !== null;
  return isObject && !isReference(value) && !isEnumerated(value) && !isBytes(value);
}

/** A record may have fields of these names as well, of whatever type. */
function isEnumerated(value: object): value is Enumerated {
  const { enum: name, value: number } = value as Partial<Record<keyof Enumerated, unknown>>;
  return (name === null || typeof name === "string") && isInteger(number);
}

function isInteger(value: unknown): value is Integer {
  return typeof value === "bigint" || Number.isInteger(value);
}

function isBytes(value: object): value is { base64: string } {
  return "base64" in value && typeof value.base64 === "string";
}
