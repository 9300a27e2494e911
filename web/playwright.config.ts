import { defineConfig, type Project } from "@playwright/test";
import { BUCKET, type Shared } from "./tests/support";

/** The same on an S3 server, and what only a store over a network can do. */
const ON_S3: Project<object, Shared>[] = [
  { name: "bucket", testMatch: "bucket.setup.ts" },
  {
    name: "s3",
    testMatch: ["browse", "damage", "data", "keyboard", "outage"].map((name) => `${name}.spec.ts`),
    dependencies: ["bucket"],
    use: { source: `s3://${BUCKET}` },
  },
];

/** The page of the built binary, in a browser without a window: `scripts/browser.sh` runs it. */
export default defineConfig<object, Shared>({
  testDir: "tests",
  // Pictures and traces of failures, outside of the repository where the script says so.
  outputDir: process.env.H5SCOUT_BROWSER_OUTPUT ?? "test-results",
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  // What is measured is measured alone: scripts/browser.sh runs one after the other.
  projects: [
    { name: "page", testIgnore: ["large.spec.ts", "outage.spec.ts"] },
    ...(process.env.H5SCOUT_TEST_S3 ? ON_S3 : []),
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
