// What H5Web shows of the file that tests/e2e/h5grove/make_sample.py makes, as a server at H5SCOUT_URL
// tells it. Whatever the browser complains about, and every request that fails, fails the test.
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createServer } from "node:http";

import { expect, test } from "@playwright/test";

const TYPES = { html: "text/html", js: "text/javascript", css: "text/css" };

/** An object, the view that H5Web chooses for it, and what is written or drawn there. */
const SHOWN = [
  ["/numbers/scan", "Line", { colors: 2 }],
  ["/numbers/complex_double", "Line", { colors: 2 }],
  ["/numbers/long_double", "Line", { colors: 2 }],
  ["/numbers/cube", "Heatmap", { colors: 12 }],
  ["/storage/gzip", "Heatmap", { colors: 100 }],
  ["/others/enumeration", "Heatmap", { colors: 4 }],
  ["/entry/image", "RGB", { colors: 48 }],
  ["/entry", "NX Heatmap", { colors: 100 }],
  ["/texts/variable", "Matrix", { texts: ["a", "bé", "日本"] }],
  ["/compounds/table", "Compound", { texts: ["weight", "1.000e-1", "two", "false", "8.000e+0"] }],
  ["/compounds/kinds", "Scalar", { texts: [/<HDF5 object reference>/] }],
  ["/others/lists_i4", "Scalar", { texts: ["[ 1, 2 ]"] }],
  ["/scalars/text", "Scalar", { texts: ["grün"] }],
  ["/scalars/opaque", "Scalar", { texts: ["Uint8Array [ 0,1,2 ]"] }],
  ["/links/external", "Line", { colors: 2 }],
];

/** Of the page, which is of another origin than the server of the files. */
let pages;

test.beforeAll(async () => {
  pages = createServer((request, answer) => {
    const name = new URL(request.url, "http://page").pathname.slice(1) || "index.html";
    const type = TYPES[name.split(".").at(-1)];
    answer.writeHead(type ? 200 : 204, { "content-type": type ?? "text/plain" });
    if (type) createReadStream(`dist/${name}`).pipe(answer);
    else answer.end();
  });
  await once(pages.listen(0, "127.0.0.1"), "listening");
});

test.afterAll(() => pages.close());

for (const [path, view, { texts, colors }] of SHOWN) {
  test(`${path} is shown as ${view}`, async ({ page }, info) => {
    const wrong = complaintsOf(page);
    await open(page, path);
    await expect(page.getByRole("tab", { name: view, exact: true })).toHaveAttribute("aria-selected", "true");
    for (const text of texts ?? []) await expect(page.getByText(text, { exact: true }).first()).toBeVisible();
    if (colors) await expect.poll(() => colorsOf(page.locator("canvas").first())).toBeGreaterThanOrEqual(colors);
    await page.screenshot({ path: info.outputPath("page.png") });
    expect(wrong).toEqual([]);
  });
}

test("links that lead nowhere, and what has no elements, are no errors", async ({ page }) => {
  const wrong = complaintsOf(page);
  for (const path of ["/links/soft_to_nothing", "/links/external_without_file", "/scalars/empty"]) {
    await open(page, path);
    await expect(page.getByText("Nothing to display")).toBeVisible();
  }
  expect(wrong).toEqual([]);
});

test("attributes are inspected, and paths are searched for", async ({ page }) => {
  const wrong = complaintsOf(page);
  await open(page, "/attributes");
  await page.getByRole("tab", { name: "Inspect" }).click();
  for (const name of ['text "grün"', 'bytes "abc"', "complex 0.1 + 2 i", "booleans [true,false]"])
    await expect(page.getByRole("row", { name, exact: true })).toBeVisible();
  await page.getByRole("tab", { name: "Search" }).click();
  await page.getByRole("textbox").fill("deep");
  await expect(page.getByRole("treeitem", { name: "/links/hard/inner/deep" })).toBeVisible();
  expect(wrong).toEqual([]);
});

/** Opens the tree of the sample down to an object, and chooses it. */
async function open(page, path) {
  const asked = new URLSearchParams({ url: process.env.H5SCOUT_URL, file: "sample.h5" });
  await page.goto(`http://127.0.0.1:${pages.address().port}/?${asked}`);
  const names = path.split("/").slice(1);
  for (const depth of names.keys()) {
    const place = `/${names.slice(0, depth + 1).join("/")}`;
    const item = page.locator(`[role=treeitem][data-path="${place}"]`);
    await expect(item).toBeVisible();
    if ((await item.getAttribute("aria-expanded")) !== "true") await item.click();
  }
}

/** What goes wrong with the page, as long as it goes on. */
function complaintsOf(page) {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfailed", (request) => {
    // H5Web takes back what it has asked for about an object that is no longer shown.
    const { errorText } = request.failure();
    if (errorText !== "net::ERR_ABORTED") complaints.push(`${request.url()}: ${errorText}`);
  });
  page.on("response", (answer) => {
    if (answer.status() >= 400) complaints.push(`${answer.url()}: ${answer.status()}`);
  });
  page.on("console", (message) => {
    // Browsers that draw without a graphics card say how slow that is.
    const isOfOthers = message.text().includes("GL Driver Message");
    if (["error", "warning"].includes(message.type()) && !isOfOthers) complaints.push(message.text());
  });
  return complaints;
}

/** How many colors there are in what a canvas shows. */
async function colorsOf(canvas) {
  const picture = (await canvas.screenshot()).toString("base64");
  return canvas.page().evaluate(async (base64) => {
    const bytes = await fetch(`data:image/png;base64,${base64}`).then((answer) => answer.blob());
    const image = await createImageBitmap(bytes);
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return new Set(new Uint32Array(data.buffer)).size;
  }, picture);
}
