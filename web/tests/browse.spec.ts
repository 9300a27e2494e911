import { expect, firstChild, row, test } from "./support";

test("a file is found by a part of its name, opened, and seen into", async ({ open }) => {
  const page = await open("");
  await page.getByRole("searchbox", { name: "Find in all files" }).fill("nexus");
  await page.getByRole("link", { name: "demo/nexus_scan.nxs", exact: true }).click();
  await row(page, "entry").click();
  await row(page, "instrument").click();
  await row(page, "detector").click();
  // There is another one of that name above.
  await page.locator("[role=treeitem][aria-level='5']").filter({ hasText: /^data/ }).click();
  await expect(page.getByText(/81 × 8 × 8 unsigned 32-bit integers/)).toBeVisible();
  await page.getByRole("link", { name: "Details" }).click();
  await expect(page.getByRole("row", { name: "units counts string" })).toBeVisible();
});

test("a link shows the same to somebody else, and back leads back", async ({ open }) => {
  const page = await open("?key=demo/weather.nc&path=/tas&view=json");
  await expect(page.getByText('"compression": "gzip"')).toBeVisible();
  await expect(row(page, "tas")).toHaveAttribute("aria-selected", "true");
  await row(page, "lat").click();
  await expect(page).toHaveURL(/\?key=demo\/weather.nc&path=\/lat&view=json$/);
  await page.goBack();
  await expect(page).toHaveURL(/path=\/tas&view=json$/);
  await page.reload();
  await expect(page.getByText('"compression": "gzip"')).toBeVisible();
  await expect(row(page, "tas")).toHaveAttribute("aria-selected", "true");
});

test("a path that is deep in the tree is opened there", async ({ open }) => {
  const page = await open("?key=demo/nexus_scan.nxs&path=/entry/instrument/detector/data");
  const chosen = page.locator("[role=treeitem][aria-selected=true]");
  await expect(chosen).toHaveAttribute("aria-level", "5");
  await expect(chosen).toBeInViewport();
});

test("a soft link leads where it says, and its object is shown", async ({ open }) => {
  const page = await open("?key=demo/nexus_scan.nxs&path=/entry/data");
  const frames = row(page, "frames");
  await expect(frames.getByTitle("leads to /entry/instrument/detector/data")).toBeVisible();
  await frames.click();
  await expect(page.getByText(/81 × 8 × 8 unsigned 32-bit integers/)).toBeVisible();
});

test("references among attributes are links", async ({ open }) => {
  const page = await open("?key=demo/weather.nc&path=/tas&view=details");
  await page.getByRole("link", { name: "/lon" }).click();
  await expect(page).toHaveURL(/path=\/lon$/);
  await expect(row(page, "lon")).toHaveAttribute("aria-selected", "true");
});

test("names in a group are filtered by the server", async ({ open }) => {
  const page = await open("?key=groups/wide_latest.h5");
  const group = firstChild(page);
  await group.click();
  const filter = page.getByRole("searchbox", { name: /Filter names in/ });
  await expect(page.getByRole("treeitem").nth(20)).toBeVisible();
  await filter.fill("no such name");
  await expect(page.getByText("no name has “no such name”")).toBeVisible();
  await filter.fill("me_042");
  // The file, the group, and the ten names in it.
  await expect(page.getByRole("treeitem")).toHaveCount(12);
  await expect(row(page, "name_0429")).toBeVisible();
  await filter.press("Escape");
  await expect(page.getByRole("treeitem").nth(20)).toBeVisible();
});

test("a value that is cut is shown whole when it is asked for", async ({ open }) => {
  const page = await open("?key=attributes/big.h5&path=/d");
  await page
    .getByRole("button", { name: /show .* values/ })
    .first()
    .click();
  await expect(page.getByRole("region", { name: "Values" })).toBeVisible();
});

test("snippets say what is shown", async ({ open, request }) => {
  const page = await open("?key=demo/weather.nc&path=/tas&view=code");
  const curl = await page.getByRole("region", { name: "curl" }).locator("pre").textContent();
  const [meta = "", data = ""] = Array.from(curl?.matchAll(/'(.*)'/g) ?? [], ([, url]) => url);
  const answer: unknown = await (await request.get(meta)).json();
  expect(answer).toMatchObject({ success: true, metadata: { path: "/tas" } });
  const elements = await (await request.get(data)).body();
  expect(elements.subarray(1, 6).toString()).toBe("NUMPY");
});

test("an embedded object is alone on its page", async ({ open }) => {
  const page = await open("embed?key=demo/weather.nc&path=/tas");
  await expect(page.getByText(/32-bit floats/)).toBeVisible();
  await expect(page.getByRole("tree")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Open in h5scout" })).toHaveAttribute(
    "href",
    "./?key=demo/weather.nc&path=/tas",
  );
});
