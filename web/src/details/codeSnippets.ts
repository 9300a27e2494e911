import type { Metadata, Target } from "../api/models";
import { addressOf, metaParameters } from "../api/http";
import { currentToken } from "../api/token";

export interface Snippet {
  title: string;
  /** What has to be put in by the reader, in a sentence. */
  note: string;
  text: string;
}

/** Ways to the object that is shown, for a terminal or a script. */
export function snippetsOf(key: string, object: Target, metadata: Metadata): Snippet[] {
  const snippets = [curl(key, object)];
  // h5py and the command line find objects by paths only.
  if (object.path !== undefined) {
    snippets.unshift(h5py(key, object.path, metadata));
    snippets.push(h5scout(key, object.path));
  }
  return snippets;
}

function h5py(key: string, path: string, metadata: Metadata): Snippet {
  const name = { group: "group", dataset: "dataset", datatype: "datatype" }[metadata.type];
  const file = key.slice(key.lastIndexOf("/") + 1);
  const lines = [
    "import h5py",
    "",
    `with h5py.File(${JSON.stringify(file)}) as file:`,
    `    ${name} = file[${JSON.stringify(path)}]`,
    `    attributes = dict(${name}.attrs)`,
  ];
  if (metadata.type === "dataset") lines.push("    values = dataset[()]");
  if (metadata.type === "group") lines.push("    names = list(group)");
  return { title: "Python, h5py", note: "For a copy of the file.", text: lines.join("\n") };
}

function curl(key: string, object: Target): Snippet {
  const address = new URL(addressOf("meta", metaParameters({ key, object })), document.baseURI);
  // The token itself stays where it is: snippets are pasted into chats.
  const token = currentToken() === null ? "" : ' -H "Authorization: Bearer $TOKEN"';
  return {
    title: "curl",
    note: token ? "TOKEN is your token." : "",
    text: `curl -s${token} ${shellWord(address.href)}`,
  };
}

function h5scout(key: string, path: string): Snippet {
  const file = `"$SOURCE"/${shellWord(key)}`;
  return {
    title: "h5scout",
    note: "SOURCE is what the server serves, such as s3://bucket.",
    text: `h5scout show ${file} ${shellWord(path)}`,
  };
}

/** A word that a shell takes as it is. */
export function shellWord(word: string): string {
  return /^[\w./:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
