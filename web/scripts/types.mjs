// Writes src/api/schema.gen.ts: the types of the API, from its reviewed description.
//
// The description is the snapshot that the tests of the server compare with what it serves, so the
// types here cannot say anything else than the server does.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const description = new URL(
  "../../crates/http/tests/http/snapshots/http__openapi__the_description_is_as_reviewed.snap",
  import.meta.url,
);
const target = new URL("../src/api/schema.gen.ts", import.meta.url);

/** The snapshot's own header ends with the second line of dashes. */
function withoutHeader(snapshot) {
  return snapshot.slice(snapshot.indexOf("\n---\n") + "\n---\n".length);
}

const INTEGER = ts.factory.createTypeReferenceNode("Integer");
const UNKNOWN = ts.factory.createKeywordTypeNode(ts.SyntaxKind.UnknownKeyword);

const schema = JSON.parse(withoutHeader(await readFile(description, "utf8")));
const ast = await openapiTS(schema, {
  transform(part, { path }) {
    // Integers of 64 bits do not fit into a number: see src/api/json.ts.
    if (part.format === "int64") {
      const isNullable = Array.isArray(part.type) && part.type.includes("null");
      const nothing = ts.factory.createLiteralTypeNode(ts.factory.createNull());
      return isNullable ? ts.factory.createUnionTypeNode([INTEGER, nothing]) : INTEGER;
    }
    if (path?.endsWith("/schemas/Value")) return UNKNOWN;
    return undefined;
  },
});
const header = '// Made by scripts/types.mjs.\n\nimport type { Integer } from "./json";\n\n';
await writeFile(target, header + astToString(ast));
console.log(`wrote ${fileURLToPath(target)}`);
