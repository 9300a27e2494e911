import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, row, test } from "./support";

test("a folder and a file with nothing in them say so", async ({ serve, open }) => {
  const folder = await mkdtemp(join(tmpdir(), "h5scout-browser-"));
  const server = await serve(folder);
  const page = await open("?key=ordinary/empty_latest.h5");
  await expect(page.getByRole("treeitem", { name: "empty", exact: true })).toBeVisible();
  await page.goto(server.url);
  await expect(page.getByText("There is nothing here.")).toBeVisible();
  await rm(folder, { recursive: true });
});

test("a search that finds nothing says so, and is cleared", async ({ open }) => {
  const page = await open("?q=no+such+key");
  await expect(page.getByText("No key here contains “no such key”.")).toBeVisible();
  await page.getByRole("button", { name: "Clear the filter" }).click();
  await expect(page.getByRole("link", { name: "demo/" })).toBeVisible();
});

test("a search that takes long says so, and can be given up", async ({ open }) => {
  const page = await open("");
  await expect(page.getByRole("link", { name: "demo/" })).toBeVisible();
  const answer = await held(page, /\/files\?.*q=/);
  await page.getByRole("searchbox", { name: "Find in all files" }).fill("nexus");
  await expect(page.getByRole("status").filter({ hasText: "Searching …" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  // What was found before is not what was searched for.
  await expect(page.getByRole("link", { name: "demo/" })).toHaveCount(0);
  await answer();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("link", { name: "demo/nexus_scan.nxs", exact: true })).toBeVisible();
});

test("a group that takes long says so, and is not waited for once it is closed", async ({
  open,
}) => {
  const page = await open("?key=demo/nexus_scan.nxs&view=details");
  await expect(row(page, "entry")).toBeVisible();
  const answer = await held(page, /\/children\?.*path=%2Fentry/);
  const given = page.waitForEvent("requestfailed", (request) => request.url().includes("children"));
  await row(page, "entry").click();
  await expect(page.getByRole("treeitem", { name: "reading …" })).toBeVisible();
  await page.getByRole("tree").press("ArrowLeft");
  await given;
  await answer();
  await page.getByRole("tree").press("ArrowRight");
  await expect(row(page, "instrument")).toBeVisible();
});

test("a browser without WebGL has the table, and is told why", async ({ open }) => {
  const page = await open("?key=demo/sea.nc");
  await page.addInitScript(() => {
    HTMLCanvasElement.prototype.getContext = () => null;
  });
  await page.goto(page.url());
  await row(page, "sst").click();
  await expect(page.getByText("Pictures need WebGL 2.")).toBeVisible();
  await page.getByRole("link", { name: "Show the table" }).click();
  await expect(page.getByRole("grid")).toBeVisible();
});

/** Holds answers back; the function that is returned lets those through that are asked for next. */
async function held(page: Page, addresses: RegExp): Promise<() => Promise<void>> {
  await page.route(addresses, () => undefined);
  return async () => {
    await page.unroute(addresses);
  };
}
