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
  await page.getByRole("link", { name: "Line", exact: true }).click();
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

// The numbers are what NumPy says of the same ones: `abs`, `angle`, `real` and `imag`.
test("of complex numbers amplitude, phase or a part is drawn, and said which", async ({ open }) => {
  const page = await open(`${BEAMLINE}&path=/psi`);
  await expect(page.getByRole("figure").first()).toContainText(
    "amplitude of psi (V/m): 768 numbers, from 0.00673795 to 0.993121, mean 0.283504 ± 0.260679",
  );
  const part = page.getByRole("combobox", { name: "Complex" });
  for (const [name, words] of [
    ["phase", "phase of psi (rad): 768 numbers, from -3.1376 to 3.0998, mean 0.091191 ± 1.78419"],
    ["real", "real part of psi (V/m): 768 numbers, from -0.607938 to 0.965969, mean 0.0024302 ±"],
    ["imaginary", "imaginary part of psi (V/m): 768 numbers, from -0.859517 to 0.86444,"],
  ] as const) {
    await part.selectOption(name);
    await expect(page.getByRole("figure").first()).toContainText(words);
    await expect(page).toHaveURL(new RegExp(`complex=${name}`));
  }
  await page.getByRole("link", { name: "Line", exact: true }).click();
  await expect(page.getByRole("figure").first()).toContainText("imaginary part of psi (V/m): 32");
  await page.getByRole("link", { name: "Table", exact: true }).click();
  await expect(page.getByRole("gridcell").first()).toHaveText(/^\(-?0\.0\d+[+-]0\.0\d+j\)$/);
});

test("a list of complex numbers is a line, those of HDF5's own type too", async ({ open }) => {
  const page = await open(`${BEAMLINE}&path=/impedance&complex=phase`);
  await expect(page.getByRole("figure").first()).toContainText(
    "phase of impedance of the coil (rad): 40 numbers, from -1.4848 to 1.38081, mean 0.412252",
  );
  await expect(page.locator("svg text", { hasText: /^phase of impedance of/ })).toBeVisible();
  await page.goto(
    page.url().replace(/\?.*/, "?key=datatypes/complex.h5&view=data&path=/COMPLEX_IEEE_F32BE"),
  );
  await expect(page.getByRole("figure").first()).toContainText(
    "amplitude of COMPLEX_IEEE_F32BE: 2 numbers",
  );
});
