import { defineConfig } from "@playwright/test";

/** The page of the built binary, in a browser without a window: `scripts/browser.sh` runs it. */
export default defineConfig({
  testDir: "tests",
  // Pictures and traces of failures, outside of the repository where the script says so.
  outputDir: process.env.H5SCOUT_BROWSER_OUTPUT ?? "test-results",
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  // What is measured is measured alone: scripts/browser.sh runs one after the other.
  projects: [
    { name: "page", testIgnore: "large.spec.ts" },
    { name: "large", testMatch: "large.spec.ts" },
  ],
  forbidOnly: true,
  reporter: "list",
  use: {
    viewport: { width: 1280, height: 800 },
    screenshot: "only-on-failure",
    launchOptions: {
      // Without it Playwright's own is taken, where that is installed.
      executablePath: process.env.H5SCOUT_CHROMIUM,
      // Containers have no namespaces to give; the pages are our own.
      args: ["--no-sandbox"],
    },
  },
});
