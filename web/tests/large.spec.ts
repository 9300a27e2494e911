import { expect, LARGE, row, test } from "./support";

const FIRST_ROWS_MS = 1000;
const NODES_MAX = 2000;

test.describe("a group of 100,000 datasets", () => {
  test.skip(LARGE === undefined, "H5SCOUT_LARGE does not name the folder of large files");

  test("shows rows at once, and holds few of them", async ({ serve, page }) => {
    const server = await serve(LARGE ?? "");
    await page.goto(`${server.url}/?key=wide_datasets_latest.h5`);
    const group = page.getByRole("treeitem").nth(1);
    await expect(group).toBeVisible();
    const start = Date.now();
    await group.click();
    await expect(page.getByRole("treeitem").nth(20)).toBeVisible();
    const took = Date.now() - start;
    console.log(`the first rows of 100,000 after ${took} ms`);
    expect(took).toBeLessThan(FIRST_ROWS_MS);
    await expect(page.getByRole("treeitem").nth(5)).toHaveAttribute("aria-setsize", "100000");
    // To the end, over all pages of names; what is in sight there is read as a whole.
    await page.getByRole("tree").focus();
    await page.keyboard.press("End");
    const last = page.locator("[aria-posinset='100000']");
    await expect(last).toBeVisible({ timeout: 30_000 });
    await expect(last).toContainText("int");
    // And from there somewhere into the middle.
    await page.keyboard.type("dataset_0500");
    await expect(row(page, "dataset_050000")).toContainText("int");
    const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
    console.log(`${nodes} nodes in the document`);
    expect(nodes).toBeLessThan(NODES_MAX);
  });
});
