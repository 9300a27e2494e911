// Takes pictures of the page: screenshots.mjs SERVER FOLDER.

import { join } from "node:path";
import { chromium } from "@playwright/test";

const [server, folder] = process.argv.slice(2);

const PICTURES = [
  { name: "picture", colorScheme: "light", place: "?key=demo/detector.nxs&path=/entry/frame" },
  { name: "map", colorScheme: "dark", place: "?key=demo/sea.nc&path=/sst&colours=Turbo" },
  {
    name: "object",
    colorScheme: "light",
    place: "?key=demo/weather.nc&path=/tas&view=details",
  },
];

const browser = await chromium.launch({
  executablePath: process.env.H5SCOUT_CHROMIUM,
  args: ["--no-sandbox"],
});
for (const { name, colorScheme, place } of PICTURES) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme });
  await page.goto(`${server}/${place}`);
  await page.waitForLoadState("networkidle");
  if (name !== "object") await page.locator("figure canvas").first().waitFor();
  await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
  await page.close();
}
await browser.close();
