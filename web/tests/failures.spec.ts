import { mkdtemp, rm, writeFile, copyFile, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { complaintsOf, expect, firstChild, FIXTURES, row, test } from "./support";

test("a dead store is told in the server's words, and asked again", async ({ serve, page }) => {
  const server = await serve("http://127.0.0.1:9/", "--store-timeout", "1s");
  await page.goto(`${server.url}/?key=a.h5`);
  const alert = page.getByRole("alert");
  await expect(alert).toContainText(/store_(error|timeout|unavailable)/);
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(alert).toContainText(/store_(error|timeout|unavailable)/);
});

test("a server that went away is told, and found again", async ({ serve, page }) => {
  const server = await serve(FIXTURES);
  await page.goto(`${server.url}/?key=demo/weather.nc`);
  await expect(row(page, "tas")).toBeVisible();
  await page.context().setOffline(true);
  await row(page, "tas").click();
  await expect(page.getByRole("alert")).toContainText("The server cannot be reached");
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText(/32-bit floats/)).toBeVisible();
});

test.describe("in a folder of its own", () => {
  let folder = "";
  test.beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "h5scout-browser-"));
    await copyFile(`${FIXTURES}/alternating/a.h5`, join(folder, "changing.h5"));
  });
  test.afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test("a file that changes is offered to be read again", async ({ serve, page }) => {
    const server = await serve(folder);
    await page.goto(`${server.url}/?key=changing.h5`);
    const first = firstChild(page);
    await expect(first).toBeVisible();
    await copyFile(`${FIXTURES}/alternating/b.h5`, join(folder, "changing.h5"));
    await utimes(join(folder, "changing.h5"), new Date(), new Date());
    await first.click();
    await page.getByRole("button", { name: "Reload" }).click();
    await expect(page.getByText(/has changed since/)).toHaveCount(0);
    await expect(firstChild(page)).toBeVisible();
  });

  test("the token is asked for, refused and taken", async ({ serve, page }) => {
    const tokens = join(folder, "tokens");
    await writeFile(tokens, "all-of-it-0123456789\n", { mode: 0o600 });
    const server = await serve(folder, "--auth-token-file", tokens);
    const complaints = complaintsOf(page);
    await page.goto(`${server.url}/`);
    const field = page.getByRole("textbox", { name: "Token" });
    await field.fill("not-the-right-one-0123");
    await field.press("Enter");
    await expect(page.getByText(/does not know the token/)).toBeVisible();
    await field.fill("all-of-it-0123456789");
    await field.press("Enter");
    await expect(page.getByRole("link", { name: "changing.h5" })).toBeVisible();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    // What a link cannot carry goes with what the page fetches.
    await page.getByRole("link", { name: "changing.h5" }).click();
    await firstChild(page).click();
    await row(page, "a00").click();
    const [csv] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "CSV" }).click(),
    ]);
    expect(csv.suggestedFilename()).toMatch(/\.csv$/);
    expect(complaints).toEqual([]);
  });

  test("the token is asked for again where the question was put aside", async ({ serve, page }) => {
    const tokens = join(folder, "tokens");
    await writeFile(tokens, "all-of-it-0123456789\n", { mode: 0o600 });
    const server = await serve(folder, "--auth-token-file", tokens);
    await page.goto(`${server.url}/`);
    const field = page.getByRole("textbox", { name: "Token" });
    await expect(field).toBeFocused();
    await field.press("Escape");
    await expect(field).toHaveCount(0);
    await expect(page.getByRole("alert")).toContainText("unauthorized");
    await page.getByRole("button", { name: "Try again" }).click();
    await field.fill("all-of-it-0123456789");
    await field.press("Enter");
    await expect(page.getByRole("link", { name: "changing.h5" })).toBeVisible();
  });

  test("all of it works below a path", async ({ serve, page }) => {
    const server = await serve(folder, "--base-path", "/data/h5scout");
    const complaints = complaintsOf(page);
    await page.goto(`${server.url}/`);
    await page.getByRole("link", { name: "changing.h5" }).click();
    await expect(firstChild(page)).toBeVisible();
    expect(page.url()).toContain("/data/h5scout/?key=changing.h5");
    expect(complaints).toEqual([]);
  });
});
