import { complaintsOf, expect, FIXTURES, test } from "./support";

const TAS = "?key=demo/weather.nc&path=/tas&view=data";

test("a dataset is drawn, and said in words", async ({ page, serve }) => {
  const server = await serve(FIXTURES);
  const wrong = complaintsOf(page);
  await page.goto(`${server.url}/${TAS}`);
  await expect(page.locator("figure canvas")).toBeVisible();
  await expect(page.getByText(/^72 numbers, from 288 to 295.1, mean/)).toBeVisible();
  await page.getByRole("link", { name: "Line" }).click();
  await expect(page.getByText(/^12 numbers, from 288 to 289.1, mean/)).toBeVisible();
  await expect(page.locator("figure canvas")).toBeVisible();
  expect(wrong).toEqual([]);
});

test("another index is another picture, and stands in the address", async ({ page, serve }) => {
  const server = await serve(FIXTURES);
  await page.goto(`${server.url}/${TAS}&show=line`);
  await page.getByRole("slider", { name: "Dimension 0: index" }).press("End");
  await expect(page).toHaveURL(/slice=3,0,:/);
  await expect(page.getByText(/^12 numbers, from 309.6 to/)).toBeVisible();
  await page.getByRole("button", { name: "Show all of dimension 1" }).click();
  await expect(page).toHaveURL(/slice=3,:,0/);
});

test("a range shows a part, and a link the same to somebody else", async ({ page, serve }) => {
  const server = await serve(FIXTURES);
  await page.goto(`${server.url}/${TAS}&scale=log&colours=Magma&slice=1,2:4,:`);
  await expect(page.getByText(/^24 numbers/)).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Scale" })).toHaveValue("log");
  await expect(page.getByRole("combobox", { name: "Colours" })).toHaveValue("Magma");
  await page.getByRole("spinbutton", { name: "Dimension 2: index after the last" }).fill("5");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/slice=1,2:4,0:5/);
  await expect(page.getByText(/^10 numbers/)).toBeVisible();
});

test("numbers stand in a table with the digits that they have", async ({ open }) => {
  const page = await open(`${TAS}&show=table`);
  await expect(page.getByRole("row", { name: /^1 289.2 289.3/ })).toBeVisible();
});

test("records stand in a table with a column for each field", async ({ open }) => {
  const page = await open("?key=demo/table_of_runs.h5&path=/runs&view=data");
  await expect(page.getByRole("columnheader", { name: "operator" })).toBeVisible();
  await expect(page.getByRole("row", { name: "1 1 7.225 true anna" })).toBeVisible();
});

test("a text is shown as it is", async ({ open }) => {
  const page = await open("?key=demo/nexus_scan.nxs&path=/entry/title&view=data");
  await expect(page.getByRole("gridcell")).toHaveText("Powder of silicon, scan 17");
});
