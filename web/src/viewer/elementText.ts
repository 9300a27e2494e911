import { converted, isFill, isOfFillsOnly, type Conversion } from "./conversion";

/** A number as an element of a table: what it stands for, and a dash where that is none. */
export function numberElementText(
  element: unknown,
  conversion: Conversion | null,
  isSingle: boolean,
): string {
  if (conversion && isFill(conversion, element)) return "–";
  const isConverted = conversion && !isOfFillsOnly(conversion);
  if (isConverted && (typeof element === "number" || typeof element === "bigint")) {
    return String(Number(converted(conversion, element).toPrecision(7)));
  }
  return isSingle ? singleText(element) : elementText(element);
}

/** An element as text on one line: what the server writes, with the marks of JSON left out. */
export function elementText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return scalarText(value);
  if (Array.isArray(value)) return `[${value.map(memberText).join(", ")}]`;
  if ("enum" in value && "value" in value) return elementText(value.enum ?? value.value);
  if ("base64" in value) return `bytes ${elementText(value.base64)}`;
  if ("reference" in value && "address" in value) {
    return elementText("path" in value && value.path !== null ? value.path : value.address);
  }
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${memberText(field)}`);
  return `{${fields.join(", ")}}`;
}

function scalarText(value: unknown): string {
  const isText = typeof value === "string";
  return isText
    ? value.replace(/\p{Cc}/gu, (sign) => JSON.stringify(sign).slice(1, -1))
    : `${value as number}`;
}

/** Among others only quotes tell where a text ends. */
function memberText(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : elementText(value);
}

/** A number of single precision with the fewest digits that name it: 0.1, not 0.10000000149011612. */
export function singleText(value: unknown): string {
  if (typeof value !== "number") return elementText(value);
  for (let digits = 1; digits < 9; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
}
