import { test as base } from "@playwright/test";
import { BUCKET, complaintsOf, expect, row, Server } from "./support";
import { Line } from "./line";

/** Every question is one to the store. */
const FLAGS = ["--version-ttl", "0s", "--list-ttl", "0s"];

interface Fixtures {
  line: Line;
  /** A server whose way to the store is the line. */
  server: Server;
}

const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern
  line: async ({}, use) => {
    const line = await Line.to(process.env.H5SCOUT_TEST_S3 ?? "");
    await use(line);
    await line.cut();
  },
  server: async ({ line }, use) => {
    const server = await Server.start([`s3://${BUCKET}`, ...FLAGS], { S3_ENDPOINT: line.url });
    await use(server);
    await server.stop();
  },
});

test("a store that dies is told in the server's words, and asked again when it is back", async ({
  line,
  server,
  page,
}) => {
  const wrong = complaintsOf(page);
  await page.goto(`${server.url}/?key=demo/weather.nc`);
  await expect(row(page, "tas")).toBeVisible();
  await line.cut();
  await row(page, "tas").click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText(/store_(error|timeout|unavailable)/);
  await expect(alert).toContainText("request ");
  await line.mend();
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText(/72 numbers/)).toBeVisible();
  await expect(alert).toHaveCount(0);
  expect(wrong).toEqual([]);
});

test("a group that could not be read says so in the tree, and is read there", async ({
  line,
  server,
  page,
}) => {
  await page.goto(`${server.url}/?key=demo/nexus_scan.nxs`);
  await expect(row(page, "entry")).toBeVisible();
  await line.cut();
  await row(page, "entry").click();
  const failed = page.getByRole("treeitem").filter({ hasText: "Try again" });
  await expect(failed).toBeVisible();
  await line.mend();
  await failed.click();
  await expect(row(page, "instrument")).toBeVisible();
});

test("a listing that failed is asked for again", async ({ line, server, page }) => {
  await line.cut();
  await page.goto(`${server.url}/`);
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("The files could not be listed");
  await line.mend();
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("link", { name: "demo/" })).toBeVisible();
});

test("a store that is silent is waited for with a sign, and can be given up", async ({
  line,
  server,
  page,
}) => {
  await page.goto(`${server.url}/?key=demo/weather.nc`);
  await expect(row(page, "tas")).toBeVisible();
  line.silence();
  await row(page, "tas").click();
  await expect(page.getByRole("status").filter({ hasText: "Reading …" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  line.speak();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText(/72 numbers/)).toBeVisible();
});
