import AxeBuilder from "@axe-core/playwright";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page, TestInfo } from "@playwright/test";
import { expect, FIXTURES, test } from "./support";

const PLACES = [
  ["the files", "?prefix=demo/"],
  ["a group", "?key=attributes/kinds_latest.h5"],
  ["a dataset", "?key=demo/nexus_scan.nxs&path=/entry/instrument/detector/data&view=details"],
  ["JSON", "?key=demo/weather.nc&path=/tas&view=json"],
  ["code", "?key=demo/weather.nc&path=/tas&view=code"],
  ["a heatmap", "?key=demo/weather.nc&path=/tas&view=data"],
  ["a line", "?key=demo/weather.nc&path=/tas&view=data&show=line"],
  ["a drawn group", "?key=demo/detector.nxs"],
  ["points", "?key=demo/detector.nxs&path=/entry/points"],
  ["an image", "?key=demo/detector.nxs&path=/entry/photo"],
  ["a table", "?key=demo/table_of_runs.h5&path=/runs&view=data"],
  ["references in a table", "?key=demo/beamline.h5&path=/shown"],
  ["a choice of complex parts", "?key=demo/beamline.h5&path=/psi"],
  ["a failure", "?key=hostile/not_hdf5.h5"],
  ["damage", "?key=damaged/symbol_table_node.h5&path=/wide"],
  ["an empty file", "?key=ordinary/empty_latest.h5"],
  ["a search in vain", "?q=no+such+key"],
  ["a dangling link", "?key=links/soft_latest.h5&path=/links/dangling"],
  ["odd names", "?key=links/odd_names_latest.h5"],
  ["hostile texts", "?key=hostile/texts.h5&view=details"],
  ["a long name", `?key=hostile/texts.h5&path=/${"x".repeat(5_000)}&view=details`],
  ["a page within another", "embed?key=demo/weather.nc&path=/tas"],
] as const;

for (const colorScheme of ["light", "dark"] as const) {
  for (const [what, address] of PLACES) {
    test(`axe finds nothing serious in ${what}, ${colorScheme}`, async ({ open, page }, info) => {
      await page.emulateMedia({ colorScheme });
      await open(address);
      await expect(page.getByRole("main")).toBeVisible();
      await page.waitForLoadState("networkidle");
      await expectNothingSerious(page, info);
    });
  }

  test(`axe finds nothing serious in what asks for a token, ${colorScheme}`, async ({
    serve,
    page,
  }, info) => {
    const folder = await mkdtemp(join(tmpdir(), "h5scout-browser-"));
    const tokens = join(folder, "tokens");
    await writeFile(tokens, "all-of-it-0123456789\n", { mode: 0o600 });
    const server = await serve(FIXTURES, "--auth-token-file", tokens);
    await page.emulateMedia({ colorScheme });
    await page.goto(server.url);
    await page.getByRole("textbox", { name: "Token" }).fill("not-the-right-one-0123");
    await page.keyboard.press("Enter");
    await expect(page.getByText(/does not know the token/)).toBeVisible();
    await expectNothingSerious(page, info);
    await rm(folder, { recursive: true });
  });

  test(`axe finds nothing serious in what is waited for, ${colorScheme}`, async ({
    open,
    page,
  }, info) => {
    await page.emulateMedia({ colorScheme });
    await page.route(/\/meta\?.*path=%2Ftas/, () => undefined);
    await open("?key=demo/weather.nc&path=/tas");
    await expect(page.getByRole("button", { name: "Cancel" })).toBeVisible();
    await expectNothingSerious(page, info);
  });
}

/** Keeps a picture of the page, and asks axe about it. */
async function expectNothingSerious(page: Page, info: TestInfo) {
  await page.screenshot({ path: info.outputPath("page.png") });
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).toEqual(
    [],
  );
}
