// Renders openapi.json, with nothing from elsewhere: the docs work where there is no internet.

const byId = (id) => document.getElementById(id);

function element(tag, text, properties = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Text as the document has it: paragraphs, with `code` between backticks. */
function prose(text = "") {
  return text.split(/\n\s*\n/).filter(Boolean).map((paragraph) => {
    const made = element("p");
    paragraph.split("`").forEach((piece, index) => {
      made.append(index % 2 === 0 ? piece : element("code", piece));
    });
    return made;
  });
}

function table(headings, rows) {
  const made = element("table");
  const head = element("tr");
  head.append(...headings.map((heading) => element("th", heading, { scope: "col" })));
  const body = rows.map((cells) => {
    const row = element("tr");
    row.append(...cells.map((cell) => {
      const made = element("td");
      made.append(...(Array.isArray(cell) ? cell : [cell]));
      return made;
    }));
    return row;
  });
  made.append(head, ...body);
  return made;
}

function folded(title, ...contents) {
  const made = element("details");
  made.append(element("summary", title), ...contents);
  return made;
}

const nameOf = (reference) => reference.split("/").at(-1);

/** A schema in a few words; what has a name is linked. */
function typeOf(schema) {
  if (schema === undefined) return ["any"];
  if (schema.$ref) {
    const name = nameOf(schema.$ref);
    return [element("a", name, { href: `#schema-${name}` })];
  }
  const either = schema.oneOf ?? schema.anyOf;
  if (either) return either.flatMap((one, index) => (index === 0 ? typeOf(one) : [" or ", ...typeOf(one)]));
  if (schema.allOf) return schema.allOf.flatMap((one, index) => (index === 0 ? typeOf(one) : [" and ", ...typeOf(one)]));
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(" or ")];
  const types = [schema.type ?? "any"].flat();
  if (types.includes("array")) return ["list of ", ...typeOf(schema.items), ...(types.includes("null") ? [" or null"] : [])];
  return [types.join(" or ") + limitsOf(schema)];
}

function limitsOf(schema) {
  const limits = [];
  if (schema.minimum !== undefined) limits.push(`from ${schema.minimum}`);
  if (schema.maximum !== undefined) limits.push(`to ${schema.maximum}`);
  if (schema.default !== undefined) limits.push(`default ${JSON.stringify(schema.default)}`);
  return limits.length === 0 ? "" : `, ${limits.join(" ")}`;
}

function properties(schema) {
  const rows = Object.entries(schema.properties ?? {}).map(([name, property]) => [
    element("code", name),
    typeOf(property),
    prose(property.description),
  ]);
  return rows.length === 0 ? [] : [table(["Member", "Type", "Meaning"], rows)];
}

function operation(path, method, described) {
  const section = element("section", undefined, { id: described.operationId });
  const title = element("h3");
  title.append(element("span", method.toUpperCase(), { className: "method" }), element("code", path));
  section.append(title, ...prose(described.summary), ...prose(described.description));
  if (described.parameters?.length) {
    section.append(table(["Parameter", "In", "Type", "Meaning"], described.parameters.map((parameter) => [
      element("code", parameter.name + (parameter.required ? " *" : "")),
      parameter.in,
      typeOf(parameter.schema),
      prose(parameter.description),
    ])));
  }
  section.append(table(["Status", "Body", "When"], Object.entries(described.responses).map(([status, response]) => [
    element("code", status),
    Object.values(response.content ?? {}).slice(0, 1).flatMap((content) => typeOf(content.schema)),
    prose(response.description),
  ])));
  const example = described.responses["200"]?.content?.["application/json"]?.example;
  if (example !== undefined) {
    section.append(folded("Example", element("pre", JSON.stringify(example, null, 2))));
  }
  return section;
}

function schemaSection(name, schema) {
  const section = element("section", undefined, { id: `schema-${name}` });
  section.append(element("h3", name), ...prose(schema.description));
  const parts = [schema, ...(schema.allOf ?? [])].flatMap(properties);
  const type = element("p");
  type.append(...typeOf(schema));
  section.append(...(parts.length > 0 ? parts : [type]), folded("JSON Schema", element("pre", JSON.stringify(schema, null, 2))));
  return section;
}

/** All operations, in the order of the document's tags. */
function operations(document) {
  const rank = (described) => document.tags.findIndex((tag) => tag.name === described.tags?.[0]);
  return Object.entries(document.paths)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, described]) => ({ path, method, described })))
    .sort((a, b) => rank(a.described) - rank(b.described));
}

function show(document) {
  byId("title").textContent = `${document.info.title} ${document.info.version}`;
  byId("description").replaceChildren(...prose(document.info.description));
  const contents = element("ul");
  for (const { path, method, described } of operations(document)) {
    const item = element("li");
    item.append(element("a", `${method.toUpperCase()} ${path}`, { href: `#${described.operationId}` }));
    contents.append(item);
    byId("operations").append(operation(path, method, described));
  }
  byId("contents").replaceChildren(contents);
  byId("schemas-title").hidden = false;
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    byId("schemas").append(schemaSection(name, schema));
  }
  byId("status").remove();
  // The section that the address names exists only now.
  if (location.hash) byId(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

try {
  const response = await fetch("openapi.json");
  show(await response.json());
} catch (error) {
  byId("status").textContent = `The description could not be shown: ${error.message}`;
}
