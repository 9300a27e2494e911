import { once } from "node:events";
import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";

/** The way to a store. Whoever goes it finds the store gone, or silent, as a test wants it. */
export class Line {
  readonly #to: { host: string; port: number };
  readonly #open = new Set<Socket>();
  readonly #server = createServer((caller) => {
    this.#connect(caller);
  });
  #port = 0;
  #isSilent = false;

  static async to(url: string): Promise<Line> {
    const { hostname, port } = new URL(url);
    const line = new Line(hostname, Number(port));
    await line.mend();
    return line;
  }

  private constructor(host: string, port: number) {
    this.#to = { host, port };
  }

  /** Where the store is for those who go this way; the same as long as the line is there. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Nobody listens any more, and who was talking is cut off. */
  async cut(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#hangUp();
    await closed;
  }

  async mend(): Promise<void> {
    this.#isSilent = false;
    await once(this.#server.listen(this.#port, "127.0.0.1"), "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Who was talking is cut off; whoever calls from now on is taken, and never answered. */
  silence(): void {
    this.#isSilent = true;
    this.#hangUp();
  }

  /** Who was not answered is cut off; whoever calls from now on is. */
  speak(): void {
    this.#isSilent = false;
    this.#hangUp();
  }

  #hangUp(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #connect(caller: Socket): void {
    this.#keep(caller);
    if (this.#isSilent) return;
    const store = createConnection(this.#to);
    this.#keep(store);
    caller.pipe(store).pipe(caller);
    caller.once("close", () => store.destroy());
    store.once("close", () => caller.destroy());
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
    // A line that is cut is no mistake of this process.
    socket.on("error", () => socket.destroy());
  }
}
