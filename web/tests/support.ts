import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test as base, type Page } from "@playwright/test";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** The files that are shipped. */
export const FIXTURES = `${repository}fixtures`;
/** The bucket of them, on the S3 server of `scripts/with-s3.sh`. */
export const BUCKET = "h5scout-page";
/** The folder of files that are too large to be shipped, if it was made. */
export const LARGE = process.env.H5SCOUT_LARGE;

/** A server of the built binary, and its end. */
export class Server {
  static async start(flags: string[], variables: NodeJS.ProcessEnv = {}): Promise<Server> {
    const binary = process.env.H5SCOUT_BINARY ?? `${repository}target/debug/h5scout`;
    const child = spawn(binary, ["serve", "--listen", "127.0.0.1:0", ...flags], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, S3_ENDPOINT: process.env.H5SCOUT_TEST_S3, ...variables },
    });
    return new Server(child, await addressOf(child));
  }

  private constructor(
    private readonly child: ChildProcess,
    /** Where it listens, with the path that it is served below, without a slash at the end. */
    readonly url: string,
  ) {}

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await ended;
  }
}

/** The server says its address when it listens. */
async function addressOf(child: ChildProcess): Promise<string> {
  return await new Promise((resolve, reject) => {
    let said = "";
    child.stdout?.on("data", (text: Buffer) => {
      said += text.toString();
      const address = / at (https?:\/\/\S+)/.exec(said)?.[1];
      if (address) resolve(address);
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      reject(new Error(`the server ended with ${String(code)}`));
    });
  });
}

interface Fixtures {
  /** Starts servers that end with the test. */
  serve: (...flags: string[]) => Promise<Server>;
  /** A server of the shipped files, the page at an address of it, and nothing that went wrong there. */
  open: (address: string) => Promise<Page>;
}

/** What tests of a worker have in common. */
export interface Shared {
  /** Where the shipped files are: a folder or a bucket, as the project says. */
  source: string;
  shipped: Server;
}

/** Tests of the page; all that the browser complains about fails them. */
export const test = base.extend<Fixtures, Shared>({
  source: [FIXTURES, { option: true, scope: "worker" }],
  shipped: [
    async ({ source }, use) => {
      const server = await Server.start([source]);
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  // Playwright looks at the names of what is taken apart here.
  // eslint-disable-next-line no-empty-pattern
  serve: async ({}, use) => {
    const servers: Server[] = [];
    await use(async (...flags) => {
      const server = await Server.start(flags);
      servers.push(server);
      return server;
    });
    await Promise.all(
      servers.map(async (server) => {
        await server.stop();
      }),
    );
  },
  open: async ({ shipped, page }, use) => {
    const wrong = complaintsOf(page);
    await use(async (address) => {
      await page.goto(`${shipped.url}/${address}`);
      return page;
    });
    base.expect(wrong).toEqual([]);
  },
});

export { expect } from "@playwright/test";

/** What the browser says that is wrong with the page; questions that fail are the tests' business. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // Browsers that draw without a graphics card say how slow that is.
    const isOfOthers = /^Failed to load resource|GL Driver Message/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !isOfOthers)
      complaints.push(message.text());
  });
  return complaints;
}

/** The row of the tree whose name begins so. */
export function row(page: Page, name: string) {
  return page.getByRole("treeitem").filter({ has: page.getByTitle(name, { exact: true }) });
}

/** The first child of the file, which a click does something with once it has been read. */
export function firstChild(page: Page) {
  return page.locator('[role="treeitem"][aria-level="2"][aria-posinset="1"]');
}

/** Moves the pointer over a picture, to a part of its width and of its height. */
export async function pointAt(page: Page, across: number, down: number): Promise<void> {
  const canvas = page.locator("figure canvas").first();
  await base.expect(canvas).toBeVisible();
  const box = await canvas.boundingBox();
  if (!box) throw new Error("the picture has no place");
  const [x, y] = [box.x + box.width * across, box.y + box.height * down];
  // The first movement brings the pointer over the picture, and tells nothing yet.
  await page.mouse.move(x, y);
  await page.mouse.move(x + 1, y);
}
