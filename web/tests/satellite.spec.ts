import { expect, pointAt, test } from "./support";

// What the numbers are was asked of h5py and NumPy: the bytes of the file as unsigned integers,
// without those that are fill values or outside of the valid range.
const SATELLITE = "?key=demo/satellite.nc&view=data";

test("a satellite's numbers are drawn as what they stand for, and said in words", async ({
  open,
}) => {
  const page = await open(`${SATELLITE}&path=/CMI`);
  await expect(page.locator("figure canvas").first()).toBeVisible();
  await expect(page.getByRole("figure").first()).toContainText(
    "2\u2009230 numbers, from 150 to 354.75, mean 228.245 ± 24.8401, 842 left out; stored numbers " +
      "read as unsigned, within 0 and 4095, × 0.05, + 150, without 65535",
  );
  await page.getByRole("checkbox", { name: "As stored" }).check();
  await expect(page.getByRole("figure").first()).toContainText(
    "3\u2009072 numbers, from -2 to 4096,",
  );
});

test("numbers beyond what has a sign are neither negative nor left out", async ({ open }) => {
  const page = await open(`${SATELLITE}&path=/Rad&show=line&slice=10,:`);
  await expect(page.getByRole("figure").first()).toContainText(
    "stored numbers read as unsigned, within 0",
  );
  await pointAt(page, 1 / 4, 1 / 2);
  await expect(page.getByText(/^x \(rad\) = -0\.1/)).toBeVisible();
  await page.getByRole("link", { name: "Heatmap" }).click();
  await expect(page.getByRole("figure").first()).toContainText(
    "2\u2009230 numbers, from -0.5 to 196.09, mean 74.6272 ± 23.8505, 842 left out",
  );
});

test("coordinates without a sign are read so too", async ({ open }) => {
  const page = await open(`${SATELLITE}&path=/CMI`);
  await expect(page.locator("svg text", { hasText: "x (rad)" })).toBeVisible();
  // From -0.228 to 0.26592 across and 0.22 to -0.20112 down: with signs they would not be in order.
  await expect(page.locator("svg text", { hasText: /^0\.2$/ })).toHaveCount(2);
  await expect(page.locator("svg text", { hasText: /^−0\.2$/ })).toHaveCount(2);
  await expect(page.getByText(/which is not even/)).toHaveCount(0);
});

test("a table shows them too, and a dash for what stands for none", async ({ open }) => {
  const page = await open(`${SATELLITE}&path=/Rad&show=table&slice=10:11,15:30`);
  const cells = page.getByRole("gridcell");
  await expect(cells.nth(0)).toHaveText("70.78");
  await expect(cells.nth(4)).toHaveText("68.929");
  await expect(cells.nth(5)).toHaveText("–");
  await page.getByRole("checkbox", { name: "As stored" }).check();
  await expect(cells.nth(5)).toHaveText("-5");
});
