// Says how large the built page is, and fails where it is larger than we want to send.
//
// The first view is what index.html refers to; the rest is loaded when it is needed.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const KB = 1000;
const ALL_BYTES_MAX = 600 * KB;
const FIRST_BYTES_MAX = 150 * KB;

const dist = new URL("../dist/", import.meta.url);
const index = await readFile(new URL("index.html", dist), "utf8");
let all = 0;
let first = 0;
for (const entry of await readdir(fileURLToPath(dist), { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const bytes = gzipSync(await readFile(join(entry.parentPath, entry.name))).length;
  all += bytes;
  if (entry.name === "index.html" || index.includes(entry.name)) first += bytes;
}
console.log(`the page: ${first} bytes at first and ${all} in all, with gzip`);
if (first > FIRST_BYTES_MAX || all > ALL_BYTES_MAX) {
  console.error(`too large: at most ${FIRST_BYTES_MAX} and ${ALL_BYTES_MAX}`);
  process.exit(1);
}
