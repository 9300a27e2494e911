import { defineConfig } from "@playwright/test";

export default defineConfig({
  outputDir: process.env.H5SCOUT_BROWSER_OUTPUT ?? "results",
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  use: {
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      // Without it Playwright's own is taken, where that is installed.
      executablePath: process.env.H5SCOUT_CHROMIUM,
      // Containers have no namespaces to give; the pages are our own.
      args: ["--no-sandbox"],
    },
  },
});
