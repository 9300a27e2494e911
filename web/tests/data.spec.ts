import { readFile } from "node:fs/promises";
import type { Download, Page } from "@playwright/test";
import { expect, pointAt, row, test } from "./support";

const TAS = "?key=demo/weather.nc&path=/tas&view=data";

test("a dataset is drawn, and said in words", async ({ open }) => {
  const page = await open(TAS);
  await expect(page.locator("figure canvas")).toBeVisible();
  await expect(page.getByText(/: 72 numbers, from 288 to 295.1, mean/)).toBeVisible();
  await page.getByRole("link", { name: "Line" }).click();
  await expect(page.getByText(/: 12 numbers, from 288 to 289.1, mean/)).toBeVisible();
  await expect(page.locator("figure canvas")).toBeVisible();
});

test("another index is another picture, and stands in the address", async ({ open }) => {
  const page = await open(`${TAS}&show=line`);
  await page.getByRole("slider", { name: "Dimension 0 time: index" }).press("End");
  await expect(page).toHaveURL(/slice=3,0,:/);
  await expect(page.getByText(/: 12 numbers, from 309.6 to/)).toBeVisible();
  await page.getByRole("button", { name: "Show all of dimension 1" }).click();
  await expect(page).toHaveURL(/slice=3,:,0/);
});

test("a range shows a part, and a link the same to somebody else", async ({ open }) => {
  const page = await open(`${TAS}&scale=log&colours=Magma&slice=1,2:4,:`);
  await expect(page.getByText(/: 24 numbers/)).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Scale" })).toHaveValue("log");
  await expect(page.getByRole("combobox", { name: "Colours" })).toHaveValue("Magma");
  await page.getByRole("spinbutton", { name: "Dimension 2 lon: index after the last" }).fill("5");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/slice=1,2:4,0:5/);
  await expect(page.getByText(/: 10 numbers/)).toBeVisible();
});

test("on a narrow screen no control lies below another", async ({ open, page }) => {
  await page.setViewportSize({ width: 400, height: 800 });
  await open("?key=demo/detector.nxs");
  await expect(page.locator("figure canvas")).toBeVisible();
  for (const control of await page.locator("main").locator("a, button, input, select").all()) {
    if ((await control.getAttribute("tabindex")) !== "-1") await control.click({ trial: true });
  }
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
  await page.getByRole("link", { name: "Details" }).click();
  await expect(page.getByRole("group", { name: "Value" })).toHaveText("Powder of silicon, scan 17");
});

test("from the files to a picture it is three clicks", async ({ open }) => {
  const page = await open("");
  await page.getByRole("link", { name: "demo/" }).click();
  await page.getByRole("link", { name: "weather.nc" }).click();
  await row(page, "tas").click();
  await expect(page.locator("figure canvas")).toBeVisible();
  await expect(page.getByText(/: 72 numbers/)).toBeVisible();
});

test("a file that says what is to be drawn is drawn as it is opened", async ({ open }) => {
  const page = await open("?key=demo/nexus_scan.nxs");
  await expect(page.getByRole("link", { name: "/entry/data/intensity" })).toBeVisible();
  await expect(page.getByRole("figure", { name: "intensity (counts)" }).first()).toBeVisible();
  await expect(page.locator("svg text", { hasText: "2θ (degree)" })).toBeVisible();
  // The last place of the axis, and not the last index.
  await expect(page.locator("svg text", { hasText: /^60$/ })).toBeVisible();
});

test("packed numbers are drawn as what they stand for, on their coordinates", async ({ open }) => {
  const page = await open("?key=demo/sea.nc&path=/sst");
  await expect(page.getByText(/sea surface temperature \(degC\)/).first()).toBeVisible();
  await expect(
    page.getByText(
      /from -2.\d+ to 32.\d+, mean [\d.]+ ± [\d.]+, .*left out; stored numbers × 0.002, \+ 10/,
    ),
  ).toBeVisible();
  await expect(page.locator("svg text", { hasText: "lat (degrees_north)" })).toBeVisible();
  await page.getByRole("checkbox", { name: "As stored" }).check();
  await expect(page.getByText(/from -32768 to/)).toBeVisible();
  await expect(page).toHaveURL(/raw=1/);
});

test("a part that is dragged over is read in finer detail, and back leads out", async ({
  open,
}) => {
  const page = await open("?key=demo/detector.nxs");
  const canvas = page.locator("figure canvas").first();
  await expect(canvas).toBeVisible();
  await expect(page.getByText(/19.200 numbers/)).toBeVisible();
  await dragOver(page, await canvas.boundingBox());
  await expect(page).toHaveURL(/slice=\d+:\d+,\d+:\d+/);
  const slice = new URL(page.url()).searchParams.get("slice") ?? "";
  const [rows, columns] = slice.split(",").map((range) => range.split(":").map(Number));
  // From a quarter to a half of each side.
  expect(Math.abs((columns?.[0] ?? 0) - 40)).toBeLessThanOrEqual(2);
  expect(Math.abs((columns?.[1] ?? 0) - 80)).toBeLessThanOrEqual(2);
  // Greater coordinates are above: a quarter from the top is three quarters of the rows.
  expect(Math.abs((rows?.[0] ?? 0) - 60)).toBeLessThanOrEqual(2);
  expect(Math.abs((rows?.[1] ?? 0) - 90)).toBeLessThanOrEqual(2);
  await page.goBack();
  await expect(page.getByText(/19.200 numbers/)).toBeVisible();
});

test("colours of pixels are an image, and lists of places are points", async ({ open }) => {
  const page = await open("?key=demo/detector.nxs&path=/entry/photo");
  await expect(page.getByText("72 × 96 pixels")).toBeVisible();
  await expect(page.locator("figure canvas").first()).toBeVisible();
  await row(page, "points").click();
  await expect(page.getByText("240 points")).toBeVisible();
  await expect(page.locator("svg text", { hasText: "stage_x (mm)" })).toBeVisible();
});

test("a scan from before 2014 is drawn with its errors, and told where it is pointed at", async ({
  open,
}) => {
  const page = await open("?key=demo/older_scan.nxs");
  await expect(page.locator("svg text", { hasText: "two_theta (degree)" })).toBeVisible();
  await expect(page.getByText(/: 41 numbers, from 50 to 950/)).toBeVisible();
  await pointAt(page, 1 / 2, 1 / 2);
  await expect(page.getByText("two_theta (degree) = 40", { exact: true })).toBeVisible();
  await expect(page.getByText("596 ± 24.4131", { exact: true })).toBeVisible();
});

test("signals beside each other have a legend, also in what is kept", async ({ open }) => {
  const page = await open("?key=demo/older_scan.nxs&path=/entry/detectors");
  const legend = page.getByRole("list", { name: "Lines" });
  await expect(legend.getByRole("listitem")).toHaveText([
    "left (counts/s)",
    "middle (counts/s)",
    "right (counts/s)",
  ]);
  const colours = await legend
    .getByRole("listitem")
    .evaluateAll((lines) => lines.map((line) => getComputedStyle(line, "::before").color));
  expect(new Set(colours).size).toBe(3);
  const [picture] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "PNG" }).click(),
  ]);
  expect((await bytesOf(picture)).length).toBeGreaterThan(10_000);
});

test("an image of large numbers in planes has its sides, and a choice of them", async ({
  open,
}) => {
  const page = await open("?key=demo/pictures.h5&path=/planes");
  await expect(page.getByText(/48 × 64 pixels; 0 is none of a colour and 4095/)).toBeVisible();
  // As wide as the room is, the picture has no places beside its columns.
  const before = page.locator("svg text", { hasText: /^−10$/ });
  await expect(before).toBeVisible();
  await page.getByRole("combobox", { name: "Aspect" }).selectOption("auto");
  await expect(page).toHaveURL(/aspect=auto/);
  await expect(before).toHaveCount(0);
});

test("a picture is kept with its axes, and elements as files", async ({ open }) => {
  const page = await open("?key=demo/detector.nxs");
  await expect(page.getByText(/19.200 numbers/)).toBeVisible();
  const [picture] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "PNG" }).click(),
  ]);
  expect(picture.suggestedFilename()).toBe("scattered_intensity_counts.png");
  const png = await bytesOf(picture);
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.length).toBeGreaterThan(10_000);
  const [npy] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "NPY" }).click(),
  ]);
  expect(npy.suggestedFilename()).toBe("counts.npy");
  // 120 × 160 numbers of two bytes behind a head of 128.
  expect((await bytesOf(npy)).length).toBe(128 + 120 * 160 * 2);
});

async function dragOver(
  page: Page,
  box: { x: number; y: number; width: number; height: number } | null,
) {
  const { x, y, width, height } = box ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(x + width / 4, y + height / 4);
  await page.mouse.down();
  await page.mouse.move(x + width / 3, y + height / 3);
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.up();
}

async function bytesOf(download: Download): Promise<Buffer> {
  return await readFile(await download.path());
}
