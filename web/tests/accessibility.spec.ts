import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./support";

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
  ["a failure", "?key=hostile/not_hdf5.h5"],
  ["damage", "?key=damaged/symbol_table_node.h5&path=/wide"],
] as const;

for (const colorScheme of ["light", "dark"] as const) {
  for (const [what, address] of PLACES) {
    test(`axe finds nothing serious in ${what}, ${colorScheme}`, async ({ open, page }, info) => {
      await page.emulateMedia({ colorScheme });
      await open(address);
      await expect(page.getByRole("main")).toBeVisible();
      await page.waitForLoadState("networkidle");
      await page.screenshot({ path: info.outputPath("page.png") });
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(
        ({ impact }) => impact === "serious" || impact === "critical",
      );
      expect(
        serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`),
      ).toEqual([]);
    });
  }
}
