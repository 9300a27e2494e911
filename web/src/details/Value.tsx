import type { ReactNode } from "react";
import type { Integer, Target } from "../api/models";
import { Link } from "../router/Link";

/** Reference, enumeration value and bytes, as the API writes them. */
interface Reference {
  reference: string;
  address: Integer | null;
  path?: string | null;
}

/** Floats that JSON has no numbers for. */
const NOT_FINITE = new Set(["NaN", "Infinity", "-Infinity"]);

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
    else budget.leaves -= 1;
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
  if (typeof value === "string") return NOT_FINITE.has(value) ? value : JSON.stringify(value);
  if (value === null || typeof value !== "object") return String(value);
  if (isReference(value)) return <ReferenceLink reference={value} fileKey={fileKey} />;
  if ("enum" in value && "value" in value) {
    const { enum: name, value: number } = value as Enumerated;
    return name === null ? String(number) : `${name} (${number})`;
  }
  if ("base64" in value) return `bytes ${String(value.base64)}`;
  const fields = Object.entries(value);
  return (
    <>
      {"{"}
      {fields.map(([name, field], index) => (
        <span key={name}>
          {index > 0 && ", "}
          {name}: {nodesOf(field, fileKey, budget)}
        </span>
      ))}
      {"}"}
    </>
  );
}

function ReferenceLink({ reference, fileKey }: { reference: Reference; fileKey: string }) {
  const { path, address } = reference;
  const object: Target | null =
    path != null ? { path } : address !== null ? { address: String(address) } : null;
  if (!object) return "null reference";
  return (
    <Link to={{ key: fileKey, object }} title={`${reference.reference} reference`}>
      {path ?? `address ${String(address)}`}
    </Link>
  );
}

function isReference(value: object): value is Reference {
  return "reference" in value && "address" in value;
}
