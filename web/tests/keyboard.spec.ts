import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./support";

test("from the files to an attribute without a mouse", async ({ open }) => {
  const page = await open("?prefix=demo/");
  const files = page.getByRole("grid", { name: "Files" });
  await expect(page.getByRole("link", { name: "weather.nc" })).toBeVisible();
  await files.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  const tree = page.getByRole("tree");
  await expect(page.getByRole("treeitem", { name: /^tas/ })).toBeVisible();
  await tree.focus();
  await page.keyboard.type("tas");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/path=\/tas$/);
  await expect(page.getByText(/72 numbers/)).toBeVisible();
  await page.getByRole("link", { name: "Details" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("row", { name: /^units/ })).toBeVisible();
  await tree.focus();
  // The ring is around the row that is active, and can be seen.
  const active = page.locator(`#${(await tree.getAttribute("aria-activedescendant")) ?? ""}`);
  const ring = await active.evaluate((element) => getComputedStyle(element).outlineStyle);
  expect(ring).toBe("solid");
});

test("files are found and sorted, and a picture is changed, without a mouse", async ({ open }) => {
  const page = await open("");
  await page.getByRole("searchbox", { name: "Find in all files" }).focus();
  await page.keyboard.type("weather.nc");
  await expect(page.getByText(/^2 files/)).toBeVisible();
  // Over the button that clears the field, Refresh, and the heads of the columns.
  const size = page.getByRole("columnheader", { name: "Size" });
  await tabTo(page, size.getByRole("button"));
  await page.keyboard.press("Enter");
  await expect(size).toHaveAttribute("aria-sort", "descending");
  await page.getByRole("grid", { name: "Files" }).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  const tree = page.getByRole("tree");
  await expect(page.getByRole("treeitem", { name: /^tas/ })).toBeVisible();
  await tabTo(page, tree);
  await page.keyboard.type("tas");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/: 72 numbers/)).toBeVisible();
  await tabTo(page, page.getByRole("slider", { name: "Dimension 0 time: index" }));
  await page.keyboard.press("ArrowRight");
  await expect(page).toHaveURL(/slice=1,:,:/);
  await expect(page.getByText(/: 72 numbers, from 29/)).toBeVisible();
});

test("every control is reached by Tab and shows that it is", async ({ open }) => {
  const page = await open("?key=demo/weather.nc&path=/tas&view=details");
  await expect(page.getByRole("row", { name: /^units/ })).toBeVisible();
  const reached: string[] = [];
  for (let step = 0; step < 20; step += 1) {
    await page.keyboard.press("Tab");
    reached.push(
      await page.evaluate(() => {
        const element = document.activeElement;
        const name = element?.getAttribute("aria-label") ?? element?.textContent ?? "";
        return `${element?.getAttribute("role") ?? element?.tagName ?? ""} ${name}`;
      }),
    );
  }
  for (const control of ["separator Width of the tree", "A Details", "A JSON", "A Code", "A API"]) {
    expect(reached).toContain(control);
  }
  expect(reached.some((control) => control.startsWith("tree "))).toBe(true);
});

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, wanted: Locator) {
  await expect(wanted).toBeVisible();
  const hasFocus = async () =>
    await wanted.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 40 && !(await hasFocus()); presses += 1) {
    await page.keyboard.press("Tab");
  }
  await expect(wanted).toBeFocused();
}
