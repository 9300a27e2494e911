import { parse } from "lossless-json";

/** An integer as the server sends it: a `bigint` where a `number` would round it. */
export type Integer = number | bigint;

/**
 * Parses JSON without rounding integers.
 *
 * An integer that a `number` does not hold has 16 digits or more. A text without such a run of
 * digits is left to the browser's own parser, which is many times faster.
 */
export function parseExactly(text: string): unknown {
  return /\d{16}/.test(text) ? parse(text, undefined, { parseNumber }) : JSON.parse(text);
}

function parseNumber(text: string): Integer {
  const value = Number(text);
  const isExact = Number.isSafeInteger(value) || !/^-?\d+$/.test(text);
  return isExact ? value : BigInt(text);
}

/** Indents JSON without reading its numbers: what is shown is what was sent. */
export function indentJson(json: string): string {
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  const open: string[] = [];
  let objects = 0;
  let text = "";
  const line = () => `\n${"  ".repeat(objects)}`;
  tokens.forEach((token, index) => {
    const previous = tokens[index - 1];
    // Lists of plain values stay on one line: shapes are read that way.
    const isInList = open.at(-1) === "[";
    if (token === "{" || token === "[") {
      open.push(token);
      if (token === "{") objects += 1;
      text += token + (token === "{" && tokens[index + 1] !== "}" ? line() : "");
    } else if (token === "}" || token === "]") {
      open.pop();
      if (token === "}") objects -= 1;
      text += (token === "}" && previous !== "{" ? line() : "") + token;
    } else if (token === ",") text += isInList ? ", " : token + line();
    else text += token === ":" ? ": " : token;
  });
  return text;
}
