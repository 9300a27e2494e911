import { UNSEEN } from "../shared/format";

/**
 * Indents JSON without reading its numbers: what is shown is what was sent, but that what cannot be
 * seen is escaped.
 */
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
    else text += token === ":" ? ": " : token.replace(UNSEEN, escaped);
  });
  return text;
}

function escaped(character: string): string {
  const units = character.split("").map((unit) => unit.charCodeAt(0).toString(16));
  return units.map((unit) => `\\u${unit.padStart(4, "0")}`).join("");
}
