import { expect, test } from "./support";

test("what is not HDF5 says so", async ({ open }) => {
  const page = await open("?key=hostile/not_hdf5.h5");
  await expect(page.getByRole("alert")).toContainText("This is not an HDF5 file");
  await page.getByRole("link", { name: "Back to the files" }).click();
  await expect(page).toHaveURL(/\?prefix=hostile\/$/);
});

test("of a damaged file the rest is shown, with what is lost and where", async ({ open }) => {
  const page = await open("?key=damaged/symbol_table_node.h5&path=/wide");
  await expect(page.getByText(/children may be missing/).first()).toBeVisible();
});

test("a dangling link tells where it leads", async ({ open }) => {
  const page = await open("?key=links/soft_latest.h5&path=/links");
  const dangling = page.getByRole("treeitem").filter({ hasText: "dangling" }).first();
  await dangling.click();
  await expect(page.getByRole("alert")).toContainText("link_unresolved");
});

test("names that look like markup, or like nothing, are names", async ({ open }) => {
  const page = await open("?key=links/odd_names_latest.h5");
  await expect(page.getByText("<b>html<", { exact: true })).toBeVisible();
  await expect(page.getByText("new\\nline")).toBeVisible();
});
