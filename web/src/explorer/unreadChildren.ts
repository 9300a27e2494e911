import type { Child, PartError, Target } from "../api/models";
import { ApiError } from "../api/problem";
import type { Provider } from "../api/provider";

/** What is asked for at once: some screens of rows. */
const WINDOW = 100;

/** A listing of a group, as questions name it. */
export interface Listing {
  key: string;
  group: Target;
  q: string;
}

/** Who is told what is found out about the children from the one with index `start` on. */
interface Told {
  found: (start: number, children: readonly Child[]) => void;
  failed: (start: number, count: number, error: PartError) => void;
}

/**
 * Finds out what the children of a large group are of which only the names were read.
 *
 * Only those in sight are asked for, a window of rows at a time, and a window that has left sight
 * before it was answered is given up. Cursors are opaque: where none is known that leads to the
 * start of a window, a page of names up to there gives it.
 */
export class UnreadChildren {
  /** The cursors that are known, by the number of children before them. */
  #cursors = new Map<number, string>();
  /** Windows that were asked for, by their first child; null once they are answered. */
  #windows = new Map<number, AbortController | null>();
  readonly #provider: Provider;
  readonly #listing: Listing;
  readonly #told: Told;

  constructor(provider: Provider, listing: Listing, told: Told) {
    this.#provider = provider;
    this.#listing = listing;
    this.#told = told;
  }

  /** A cursor of the listing, and how many children are before it. */
  know(before: number, cursor: string): void {
    this.#cursors.set(before, cursor);
  }

  /** Asks for the windows that the children with these indices are in, and gives up all others. */
  look(unread: readonly number[]): void {
    const windows = new Set(unread.map((index) => index - (index % WINDOW)));
    for (const [start, reading] of this.#windows) {
      if (!reading || windows.has(start)) continue;
      reading.abort();
      this.#windows.delete(start);
    }
    for (const start of windows) {
      if (!this.#windows.has(start)) void this.#read(start);
    }
  }

  async #read(start: number): Promise<void> {
    const reading = new AbortController();
    this.#windows.set(start, reading);
    try {
      const after = await this.#cursorAt(start, reading.signal);
      const question = { ...this.#listing, limit: WINDOW, after };
      const { children } = await this.#provider.children(question, reading.signal);
      if (reading.signal.aborted) return;
      this.#windows.set(start, null);
      this.#told.found(start, children);
    } catch (error) {
      if (reading.signal.aborted) return;
      // It is not asked for again before the group is opened again: the rows say what went wrong.
      this.#windows.set(start, null);
      this.#told.failed(start, WINDOW, partErrorOf(error));
    }
  }

  async #cursorAt(start: number, signal: AbortSignal): Promise<string | undefined> {
    const known = this.#cursors.get(start);
    if (start === 0 || known !== undefined) return known;
    const nearest = Math.max(0, ...[...this.#cursors.keys()].filter((before) => before < start));
    const { next } = await this.#provider.children(
      {
        ...this.#listing,
        namesOnly: true,
        limit: start - nearest,
        after: this.#cursors.get(nearest),
      },
      signal,
    );
    if (next == null)
      throw new ApiError("file_changed", "the group has fewer children than before");
    this.#cursors.set(start, next);
    return next;
  }
}

function partErrorOf(error: unknown): PartError {
  const detail = error instanceof Error ? error.message : String(error);
  return { code: error instanceof ApiError ? error.code : "unread", detail };
}
