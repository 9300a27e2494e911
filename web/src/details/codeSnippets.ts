import type { Metadata, Target } from "../api/models";
import { addressOf, dataAddress, metaParameters } from "../api/http";
import { currentToken } from "../api/token";
import { visibleText } from "../shared/format";

export interface Snippet {
  title: string;
  /** What has to be put in by the reader, in a sentence. */
  note: string;
  text: string;
}

/** All elements, whatever the shape. */
const ALL = "...";

/** Ways to the object that is shown, and to the part of it, for a terminal or a script. */
export function snippetsOf(
  key: string,
  object: Target,
  metadata: Metadata,
  slice: string,
): Snippet[] {
  const selection = selectionOf(metadata, slice);
  const snippets = [curl(key, object, selection)];
  // h5py and the command line find objects by paths only.
  if (object.path !== undefined) {
    snippets.unshift(h5py(key, object.path, metadata, selection));
    snippets.push(h5scout(key, object.path, selection));
  }
  return snippets;
}

/**
 * The elements that are shown of a dataset, `ALL` or a part; null where there are none.
 *
 * The slice comes with the page's address: it may be somebody else's, and no code is made of it
 * unless it is one of this dataset.
 */
function selectionOf(metadata: Metadata, slice: string): string | null {
  if (metadata.type !== "dataset" || !metadata.shape) return null;
  const members = slice.split(",");
  const isOfShape = members.length === metadata.shape.length;
  return isOfShape && members.every((member) => /^(\d+|\d*:\d*)$/.test(member)) ? slice : ALL;
}

function h5py(key: string, path: string, metadata: Metadata, selection: string | null): Snippet {
  const name = { group: "group", dataset: "dataset", datatype: "datatype" }[metadata.type];
  const file = key.slice(key.lastIndexOf("/") + 1);
  const lines = [
    "import h5py",
    "",
    `with h5py.File(${pythonText(file)}) as file:`,
    `    ${name} = file[${pythonText(path)}]`,
    `    attributes = dict(${name}.attrs)`,
  ];
  if (selection !== null) {
    lines.push(`    values = dataset[${selection === ALL ? "()" : selection}]`);
  }
  if (metadata.type === "group") lines.push("    names = list(group)");
  return { title: "Python, h5py", note: "For a copy of the file.", text: lines.join("\n") };
}

function curl(key: string, object: Target, selection: string | null): Snippet {
  // The token itself stays where it is: snippets are pasted into chats.
  const token = currentToken() === null ? "" : ' -H "Authorization: Bearer $TOKEN"';
  const line = (route: string) =>
    `curl -s${token} ${shellWord(new URL(route, document.baseURI).href)}`;
  const lines = [line(addressOf("meta", metaParameters({ key, object })))];
  if (selection !== null) {
    lines.push(`${line(dataAddress({ key, object, selection }, "npy"))} -o elements.npy`);
  }
  return { title: "curl", note: token ? "TOKEN is your token." : "", text: lines.join("\n") };
}

function h5scout(key: string, path: string, selection: string | null): Snippet {
  const place = `"$SOURCE"/${shellWord(key)} ${shellWord(path)}`;
  const lines = [`h5scout show ${place}`];
  if (selection !== null) {
    lines.push(`h5scout data ${place} ${shellWord(selection)} --format npy -o elements.npy`);
  }
  return {
    title: "h5scout",
    note: "SOURCE is what the server serves, such as s3://bucket.",
    text: lines.join("\n"),
  };
}

/** A literal of Python in which everything can be seen. */
function pythonText(text: string): string {
  return visibleText(JSON.stringify(text));
}

/** A word that bash and zsh take as it is, in which everything can be seen. */
export function shellWord(word: string): string {
  const escaped = visibleText(word.replaceAll("\\", "\\\\").replaceAll("'", "\\'"));
  if (visibleText(word) !== word) return `$'${escaped}'`;
  return /^[\w./:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
