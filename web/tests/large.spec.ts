import { expect, LARGE, test } from "./support";

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
    // To the end, over all pages.
    const tree = page.getByRole("tree");
    await tree.focus();
    const height = async () => await tree.evaluate((element) => element.scrollHeight);
    await expect(async () => {
      await page.keyboard.press("End");
      expect(await height()).toBeGreaterThan(100_000 * 28);
    }).toPass({ timeout: 50_000, intervals: [100] });
    await page.keyboard.press("End");
    await expect(page.locator("[aria-posinset='100000']")).toBeVisible();
    const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
    console.log(`${nodes} nodes in the document`);
    expect(nodes).toBeLessThan(NODES_MAX);
  });
});
