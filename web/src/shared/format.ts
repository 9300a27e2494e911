import type { Integer } from "../api/models";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** A number of bytes as a person reads it. */
export function sizeText(bytes: Integer): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(bytes) : threeDigits(value)} ${UNITS[unit] ?? ""}`;
}

/** 1.23, 12.3 or 123. */
function threeDigits(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** An integer with thin spaces between its thousands; all its digits, however many. */
export function countText(count: Integer): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, "\u2009");
}

/** "1 child", "2 children". */
export function counted(count: Integer, one: string, many = `${one}s`): string {
  return `${countText(count)} ${BigInt(count) === 1n ? one : many}`;
}

/** The shape of a dataset in a word or some numbers. */
export function shapeText(shape: readonly Integer[] | null | undefined): string {
  if (!shape) return "null";
  return shape.length === 0 ? "scalar" : shape.map(String).join(" × ");
}

/** A time of the API, in the reader's time zone: `2026-11-22 09:44`. */
export function timeText(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The product of a shape, exactly. */
export function product(numbers: readonly Integer[]): bigint {
  return numbers.reduce<bigint>((all, one) => all * BigInt(one), 1n);
}

/** "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

/** A name on one line, of which nothing is invisible: not even an empty one. */
export function nameText(name: string): string {
  const visible = visibleText(name);
  return visible.trim() === visible && visible !== "" ? visible : `“${visible}”`;
}

/**
 * What cannot be seen, or has others stand in another order than that in which they are read: control
 * and format characters, and separators of lines. Joiners are left: they make one sign of several.
 */
export const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;

/** A text in which what cannot be seen is written as Python and shells escape it. */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return (
      short ?? (code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`)
    );
  });
}
