import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Page } from "@playwright/test";
import { complaintsOf, expect, FIXTURES, row, test } from "./support";

const TEXTS = "?key=hostile/texts.h5";
const MARKUP = "<img src=x onerror=\"document.title='taken over'\">";
/** As it is shown: nothing of it is hidden, nor turned around. */
const TURNED = "\\u202efdp.exe\\u2066\\u200b";
/** What turns text around, hides in it or moves a cursor. */
const UNSEEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b\ufeff]/u;

test("names and texts of a file are only text", async ({ open }) => {
  const page = await open(`${TEXTS}&view=details`);
  await expect(page.getByRole("rowheader", { name: MARKUP })).toBeVisible();
  await expect(page.getByRole("rowheader", { name: TURNED })).toBeVisible();
  await expect(page.getByRole("rowheader", { name: "\\u0007\\u009b" })).toBeVisible();
  await expect(page.getByRole("rowheader", { name: "😀".repeat(60) })).toBeVisible();
  await expect(row(page, MARKUP)).toBeVisible();
  await expectNothingWasTaken(page);
});

test("a record that looks like something of the page's own is a record", async ({ open }) => {
  const page = await open(`${TEXTS}&view=details`);
  const value = (name: string) =>
    page.getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) });
  await expect(value("like_a_reference")).toContainText('address: "javascript:0", path: 1}');
  await expect(value("like_an_enumeration")).toContainText(`{enum: 1.5, value: "${TURNED}"}`);
  await expect(value("like_bytes")).toContainText("{base64: 1}");
  await expect(value("like_a_prototype")).toContainText("{__proto__: 1, constructor: 2,");
  await expect(value("like_a_prototype")).toContainText("9223372036854775808");
});

for (const [what, name] of [
  ["markup", MARKUP],
  ["turned letters", "\u202efdp.exe\u2066\u200b"],
] as const) {
  test(`a dataset with ${what} for a name is shown in all its views`, async ({ open }) => {
    const place = `${TEXTS}&path=/${encodeURIComponent(name)}`;
    const shown = what === "markup" ? MARKUP : TURNED;
    const page = await open(place);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`/${shown}`);
    await expect(page.locator("figure canvas").first()).toBeVisible();
    await expectNothingWasTaken(page);
    for (const view of ["Details", "JSON", "Code"]) {
      await page.getByRole("link", { name: view, exact: true }).click();
      await expect(page.getByRole("main")).not.toHaveText(/^$/);
      await expectNothingWasTaken(page);
    }
    expect(await page.getByRole("main").locator("pre").allTextContents()).toHaveLength(3);
    for (const code of await page.getByRole("main").locator("pre").allTextContents()) {
      expect(code.replaceAll("\n", "")).not.toMatch(UNSEEN);
    }
  });
}

test("texts with markup are shown in a table as they are", async ({ open }) => {
  const page = await open(`${TEXTS}&path=/texts&view=data`);
  await expect(page.getByRole("gridcell", { name: MARKUP })).toBeVisible();
  await expectNothingWasTaken(page);
});

test("no link of a file leads out of the page", async ({ open }) => {
  const page = await open(TEXTS);
  for (const name of ["to_a_host", "to_a_host_of_files", "to_a_script"]) {
    await row(page, name).click();
    await expect(page.getByRole("alert").first()).toBeVisible();
    expect(new URL(page.url()).search).toContain("?key=hostile/texts.h5&path=/to_a_");
  }
  const addresses = await page
    .locator("a")
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href));
  expect(addresses.filter((address) => !address.startsWith(new URL("/", page.url()).href))).toEqual(
    [],
  );
});

test("a name of thousands of letters leaves the page as it is", async ({ open }) => {
  const name = "x".repeat(5_000);
  const page = await open(`${TEXTS}&path=/${name}&view=details`);
  await expect(page.getByText(/3 × 4 64-bit floats/)).toBeVisible();
  const widths = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  expect(widths[0]).toBe(widths[1]);
  await expect(page.getByRole("link", { name: "JSON" })).toBeInViewport();
  await expect(page.getByRole("link", { name: "API" })).toBeInViewport();
});

/** Whatever the file says, it made no element, ran nothing and changed nothing. */
async function expectNothingWasTaken(page: Page) {
  expect(await page.locator("img[src=x], a[href^=javascript]").count()).toBe(0);
  await expect(page).not.toHaveTitle("taken over");
  expect(await page.title()).not.toMatch(UNSEEN);
}

const KEYS = [
  "100%2F.h5",
  "%41.h5",
  "a?b=c&d.h5",
  "a#b.h5",
  "a+b.h5",
  "with space.h5",
  "...h5",
  "😀.h5",
  "e\u0301.h5",
  "quote'\".h5",
  "back\\slash.h5",
  "-dash.h5",
  "javascript:alert(1).h5",
  "?q#%2F dir/..x/a.h5",
  `${"long".repeat(60)}.h5`,
] as const;

test.describe("keys that mean something in addresses", () => {
  let folder = "";
  test.beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "h5scout-browser-"));
    for (const key of [...KEYS, "\u202efdp.h5"]) {
      await mkdir(dirname(join(folder, key)), { recursive: true });
      await copyFile(`${FIXTURES}/ordinary/latest.h5`, join(folder, key));
    }
  });
  test.afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  test("are listed, opened, and stand in links", async ({ serve, page }) => {
    const server = await serve(folder);
    const wrong = complaintsOf(page);
    for (const key of KEYS) {
      await page.goto(`${server.url}/`);
      const names = key.split("/");
      for (const [depth, name] of names.entries()) {
        const isFile = depth === names.length - 1;
        await page.getByRole("link", { name: isFile ? name : `${name}/`, exact: true }).click();
      }
      await expect(row(page, "entry"), key).toBeVisible();
      expect(new URL(page.url()).searchParams.get("key")).toBe(key);
      await page.reload();
      await expect(row(page, "entry"), key).toBeVisible();
      await expect(page.getByRole("link", { name: "API" })).toBeInViewport();
      const crumbs = page.getByRole("navigation", { name: "Folder" });
      await expect(crumbs.getByRole("link", { name: names.at(-1), exact: true })).toBeVisible();
    }
    expect(wrong).toEqual([]);
  });

  test("are searched for, and do not pass for others", async ({ serve, page }) => {
    const server = await serve(folder);
    await page.goto(`${server.url}/?q=${encodeURIComponent("%2F")}`);
    await expect(page.getByRole("link", { name: "100%2F.h5", exact: true })).toBeVisible();
    await expect(page.getByRole("link", { name: "?q#%2F dir/..x/a.h5" })).toBeVisible();
    await expect(page.getByText("2 files")).toBeVisible();
    await page.goto(`${server.url}/`);
    await expect(page.getByRole("link", { name: "\\u202efdp.h5", exact: true })).toBeVisible();
  });
});
