import { expect, pointAt, test } from "./support";

const BEAMLINE = "?key=demo/beamline.h5&view=data";

test("references in a table lead to their objects, with the keyboard too", async ({ open }) => {
  const page = await open(`${BEAMLINE}&path=/shown`);
  await expect(page.getByRole("gridcell").last()).toHaveText("null reference");
  const links = page.getByRole("grid").getByRole("link");
  await expect(links).toHaveCount(4);
  await page.getByRole("grid").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(links.nth(1)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/key=demo\/beamline.h5&address=\d+$/);
  await expect(page.getByText(/: 4 numbers, from 1 to 4, mean/)).toBeVisible();
  await page.goBack();
  await expect(links).toHaveCount(4);
});

test("so do references in records, and those to a part of an object", async ({ open }) => {
  const page = await open(`${BEAMLINE}&path=/log`);
  const row = page.getByRole("row", { name: /^2 1 address/ });
  await row.getByRole("link").click();
  await expect(page.getByText(/: 4 numbers, from 2 to 5, mean/)).toBeVisible();
  await page.goto(page.url().replace(/\?.*/, `${BEAMLINE}&path=/parts`));
  await page.getByRole("grid").getByRole("link").first().click();
  await expect(page.getByText(/: 4 numbers, from 1 to 4, mean/)).toBeVisible();
});

test("states with names are a table first, and a line that tells names where it is pointed at", async ({
  open,
}) => {
  const page = await open(`${BEAMLINE}&path=/state`);
  await expect(page.getByRole("row", { name: "5 FAULT" })).toBeVisible();
  await page.getByRole("link", { name: "Line" }).click();
  await expect(page.getByText(/: 9 numbers, from 0 to 7, mean/)).toBeVisible();
  // The fifth place of nine, which is in the middle.
  await pointAt(page, 1 / 2, 1 / 2);
  await expect(page.getByText("ON (1)", { exact: true })).toBeVisible();
  await page.goto(page.url().replace(/\?.*/, `${BEAMLINE}&path=/levels&show=heatmap`));
  await pointAt(page, 1 / 16, 1 / 12);
  await expect(page.getByText("LOW (-1)", { exact: true })).toBeVisible();
  await page.goto(page.url().replace(/\?.*/, `${BEAMLINE}&path=/shutter&show=line`));
  await expect(page.getByText(/: 12 numbers, from 0 to 1, mean 0.5/)).toBeVisible();
});
