// The plain page: the files of the store and, of the chosen file, the tree.
//
// Keys and names are other people's text. They reach the document through textContent only, and
// the server through URLSearchParams, so that no character of theirs means anything on the way.

const PAGE_LIMIT = 500;

const byId = (id) => document.getElementById(id);

/** The token of this tab, where the server wants one. */
const TOKEN = "h5scout-token";

/** Fetches with the token. Without a right one the form for it is shown. */
async function fetched(route, query) {
  const token = sessionStorage.getItem(TOKEN);
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch(`${route}?${query}`, { headers });
  if (response.status === 401) {
    byId("token-form").hidden = false;
    byId("token").focus();
  }
  return response;
}

/** Asks the API. Addresses are relative: the page may be served below any path. */
async function ask(route, parameters) {
  const query = new URLSearchParams(
    Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null),
  );
  const response = await fetched(route, query);
  const answer = await response.json();
  if (!answer.success) throw new Error(`${answer.detail} (${answer.code})`);
  return answer;
}

function element(tag, text, properties = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(text, onclick, className = "link") {
  return element("button", text, { type: "button", className, onclick });
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

function sizeText(bytes) {
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Keeps what is shown in the page's address, so that it can be reloaded and shared. */
function remember(shown) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(shown)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  history.replaceState(null, "", `?${query}`);
}

// --- The files -----------------------------------------------------------------------------------

/** What the list shows: a folder, or every key below it that contains `q`. */
const listing = { prefix: "", q: "", next: null, generation: 0 };

async function showFiles({ append = false, refresh = false } = {}) {
  const generation = ++listing.generation;
  const status = byId("files-status");
  status.textContent = "Loading …";
  try {
    const page = await ask("files", {
      prefix: listing.prefix,
      delimiter: listing.q ? undefined : "/",
      q: listing.q || undefined,
      limit: PAGE_LIMIT,
      after: append ? listing.next : undefined,
      refresh: refresh || undefined,
    });
    // A slower answer to an earlier question must not replace this one.
    if (generation !== listing.generation) return;
    listing.next = page.next;
    const rows = [...page.folders.map(folderRow), ...page.files.map(fileRow)];
    if (append) byId("files").append(...rows);
    else byId("files").replaceChildren(...rows);
    byId("more").hidden = !page.truncated;
    const count = byId("files").childElementCount;
    status.textContent = count === 0 ? "Nothing here." : `${count} shown${page.truncated ? ", there are more" : ""}.`;
  } catch (error) {
    if (generation === listing.generation) status.textContent = error.message;
  }
}

function shown(key) {
  return listing.q ? key : key.slice(listing.prefix.length) || key;
}

function folderRow(folder) {
  const row = element("tr");
  const cell = element("td", undefined, { colSpan: 3 });
  cell.append(button(shown(folder), () => openFolder(folder)));
  row.append(cell);
  return row;
}

function fileRow(file) {
  const row = element("tr");
  const key = element("td");
  key.append(button(shown(file.key), () => showFile(file.key)));
  const modified = element("td");
  modified.append(element("time", file.last_modified.replace("T", " ").replace(/\.\d+/, ""), { dateTime: file.last_modified }));
  row.append(key, element("td", sizeText(file.size), { className: "number", title: `${file.size} bytes` }), modified);
  return row;
}

function openFolder(prefix) {
  Object.assign(listing, { prefix, q: "", next: null });
  byId("filter").value = "";
  // The folders from the root to here, as the slashes of the prefix cut it.
  const steps = [button("all files", () => openFolder(""))];
  for (let end = prefix.indexOf("/"); end >= 0; end = prefix.indexOf("/", end + 1)) {
    const start = prefix.lastIndexOf("/", end - 1) + 1;
    const folder = prefix.slice(0, end + 1);
    steps.push(button(prefix.slice(start, end + 1) || "/", () => openFolder(folder)));
  }
  byId("folder").replaceChildren(...steps);
  remember({ prefix });
  return showFiles();
}

// --- One file ------------------------------------------------------------------------------------

const selection = { generation: 0 };

async function showFile(key) {
  const generation = ++selection.generation;
  remember({ key });
  byId("file-title").textContent = key;
  byId("tree").replaceChildren();
  byId("metadata").hidden = true;
  const status = byId("file-status");
  status.textContent = "Loading …";
  const list = element("ul", undefined, { className: "tree" });
  try {
    await addChildren(list, key, { path: "/" });
    if (generation !== selection.generation) return;
    status.textContent = list.childElementCount === 0 ? "The file is empty." : "";
    byId("tree").replaceChildren(list);
    await showMetadata(key, { path: "/" });
  } catch (error) {
    if (generation === selection.generation) status.textContent = error.message;
  }
}

/** Adds a page of the children of the group at `place` to `list`. */
async function addChildren(list, key, place, after) {
  const page = await ask("children", { key, ...place, limit: PAGE_LIMIT, after });
  list.append(...page.children.map((child) => childItem(key, child)));
  if (!page.truncated) return;
  const more = element("li");
  more.append(
    button("more …", async () => {
      try {
        await addChildren(list, key, place, page.next);
        more.remove();
      } catch (error) {
        more.append(element("span", error.message, { className: "error" }));
      }
    }),
  );
  list.append(more);
}

/** How the API is asked for a child: by path, or by address where no path can say its name. */
function placeOf(child) {
  if (child.path !== null) return { path: child.path };
  return child.address === undefined ? null : { address: child.address };
}

function childItem(key, child) {
  const item = element("li");
  const place = placeOf(child);
  const name = child.name === "" ? "(empty name)" : child.name;
  const resolved = place !== null && child.type !== "unresolved";
  const label = resolved ? button(name, () => showMetadata(key, place)) : element("span", name);
  const facts = element("span", ` ${factsOf(child)}`, { className: "facts" });
  if (!resolved || child.type !== "group") {
    item.append(label, facts);
    return item;
  }
  const list = element("ul");
  const toggle = button("▸", () => expand(), "toggle");
  toggle.ariaExpanded = "false";
  toggle.ariaLabel = `Expand ${name}`;
  let asked = false;
  async function expand() {
    const open = toggle.ariaExpanded !== "true";
    toggle.ariaExpanded = String(open);
    toggle.textContent = open ? "▾" : "▸";
    list.hidden = !open;
    if (!open || asked) return;
    asked = true;
    try {
      await addChildren(list, key, place);
      if (list.childElementCount === 0) list.append(element("li", "(empty)", { className: "facts" }));
    } catch (error) {
      asked = false;
      list.replaceChildren(element("li", error.message, { className: "error" }));
    }
  }
  item.append(toggle, label, facts, list);
  return item;
}

function factsOf(child) {
  const facts = [child.type];
  if (child.dtype) facts.push(child.dtype);
  if (child.shape) facts.push(child.shape.length === 0 ? "scalar" : child.shape.join(" × "));
  if (child.shape === null) facts.push("null");
  if (child.chunks) facts.push(`chunks ${child.chunks.join(" × ")}`);
  if (child.compression) facts.push(child.compression);
  if (typeof child.num_children === "number") facts.push(`${child.num_children} children`);
  if (child.link !== "hard") facts.push(`${child.link} link to ${[child.target_file, child.target].filter(Boolean).join(" : ")}`);
  if (child.cycle) facts.push("leads back to a group above");
  if (child.error) facts.push(child.error.detail);
  return facts.join(", ");
}

async function showMetadata(key, place) {
  const generation = selection.generation;
  const metadata = byId("metadata");
  // The text is shown as it was sent: a parse would round integers beyond 53 bits.
  const query = new URLSearchParams({ key, ...place });
  try {
    const response = await fetched("meta", query);
    const text = await response.text();
    if (generation !== selection.generation) return;
    metadata.textContent = indented(text);
  } catch (error) {
    if (generation !== selection.generation) return;
    metadata.textContent = error.message;
  }
  metadata.hidden = false;
}

/** Indents JSON without reading its numbers. */
function indented(json) {
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  let [text, depth, lists] = ["", 0, []];
  const line = () => `\n${"  ".repeat(depth)}`;
  tokens.forEach((token, index) => {
    const [before, after] = [tokens[index - 1], tokens[index + 1]];
    // Lists stay on one line: shapes and values are read that way.
    const inList = () => lists.at(-1) === "[";
    if (token === "{" || token === "[") {
      lists.push(token);
      depth += 1;
      text += token;
      if (token === "{" && after !== "}") text += line();
    } else if (token === "}" || token === "]") {
      lists.pop();
      depth -= 1;
      text += token === "}" && before !== "{" ? line() + token : token;
    } else if (token === ",") text += inList() ? ", " : token + line();
    else text += token === ":" ? ": " : token;
  });
  return text;
}

// --- Start ---------------------------------------------------------------------------------------

byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  Object.assign(listing, { q: byId("filter").value, next: null });
  showFiles();
});
byId("refresh").addEventListener("click", () => showFiles({ refresh: true }));
byId("more").addEventListener("click", () => showFiles({ append: true }));
byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, byId("token").value.trim());
  byId("token").value = "";
  byId("token-form").hidden = true;
  start();
});

function start() {
  const asked = new URLSearchParams(location.search);
  openFolder(asked.get("prefix") ?? "");
  if (asked.get("key")) showFile(asked.get("key"));
}
start();
