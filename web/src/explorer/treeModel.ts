import {
  ROOT,
  targetOf,
  type Child,
  type Incomplete,
  type Integer,
  type Target,
} from "../api/models";
import type { Provider } from "../api/provider";
import { UnreadChildren } from "./unreadChildren";

/** The first page is small, so that rows are there at once. */
const FIRST_PAGE = 200;
/** Other pages are of names only: of most children nothing else is ever seen. */
const NAMES_PAGE = 5000;

/** A child of a group in the tree, or the root. */
export interface TreeNode {
  /** Names repeat and objects have several paths: nodes are told apart by a number. */
  readonly id: number;
  readonly parent: TreeNode | null;
  /** 1 for the root. */
  readonly level: number;
  /** Its place among its siblings, from 1. */
  readonly position: number;
  /** Null for the root. It is replaced when more is known of it. */
  child: Child | null;
  readonly target: Target | null;
}

/** What is known of a group that was opened. */
interface Branch {
  isOpen: boolean;
  nodes: TreeNode[];
  /** A child that was looked for, and is not on the pages that were read. */
  pinned: TreeNode | null;
  q: string;
  pages: number;
  next: string | null;
  total: Integer | null;
  incomplete: Incomplete | null;
  error: unknown;
  reading: AbortController | null;
  unread: UnreadChildren;
}

export type Row =
  | { kind: "node"; node: TreeNode; isOpen: boolean; setSize: number; q: string }
  | { kind: "reading"; group: TreeNode }
  | { kind: "more"; group: TreeNode }
  | { kind: "failed"; group: TreeNode; error: unknown }
  | { kind: "incomplete"; group: TreeNode; incomplete: Incomplete }
  | { kind: "empty"; group: TreeNode; q: string };

/**
 * The tree of one file: which groups are open, and what is known of them.
 *
 * Groups are read when they are opened, page by page, and no longer once they are closed.
 */
export class TreeModel {
  readonly root: TreeNode;
  #branches = new Map<TreeNode, Branch>();
  #rows: readonly Row[] | null = null;
  #listeners = new Set<() => void>();
  #nodes = 0;
  readonly #provider: Provider;
  readonly #key: string;

  constructor(provider: Provider, key: string) {
    this.#provider = provider;
    this.#key = key;
    this.root = this.#node(null, null, 1);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The rows that are open, from top to bottom; the same list until something changes. */
  rows = (): readonly Row[] => {
    if (!this.#rows) {
      const rows: Row[] = [];
      this.#addRows(rows, this.root, 1, "");
      this.#rows = rows;
    }
    return this.#rows;
  };

  open(node: TreeNode): void {
    if (!canOpen(node)) return;
    const branch = this.#branch(node);
    const isKnown = branch.pages > 0 || branch.reading !== null || branch.error !== null;
    if (branch.isOpen && isKnown) return;
    branch.isOpen = true;
    if (isKnown) this.#changed();
    else void this.#read(node, branch);
  }

  /** Closes a group. What it is still reading is not looked at any more: it is given up. */
  close(node: TreeNode): void {
    const branch = this.#branches.get(node);
    if (!branch?.isOpen) return;
    branch.isOpen = false;
    branch.error = null;
    this.#giveUp(branch);
    this.#changed();
  }

  toggle(node: TreeNode): void {
    if (this.isOpen(node)) this.close(node);
    else this.open(node);
  }

  isOpen(node: TreeNode): boolean {
    return this.#branches.get(node)?.isOpen ?? false;
  }

  /** Reads the next page, or the one that failed. */
  readMore(node: TreeNode): void {
    const branch = this.#branch(node);
    if (branch.reading || !branch.isOpen) return;
    if (branch.pages === 0 || branch.next !== null) void this.#read(node, branch);
  }

  /** Reads what the objects in these rows are, where only their names are known; no others. */
  look(rows: readonly Row[]): void {
    const unread = new Map<Branch, number[]>();
    for (const row of rows) {
      const node = row.kind === "node" ? row.node : null;
      const branch = node?.parent && this.#branches.get(node.parent);
      if (node?.child?.type !== "unread" || !branch || node === branch.pinned) continue;
      const indices = unread.get(branch) ?? [];
      indices.push(node.position - 1);
      unread.set(branch, indices);
    }
    for (const branch of this.#branches.values()) branch.unread.look(unread.get(branch) ?? []);
  }

  /** The filter of a group's names. */
  filterOf(node: TreeNode): string {
    return this.#branches.get(node)?.q ?? "";
  }

  /** Shows only the children whose name contains `q`. */
  filter(node: TreeNode, q: string): void {
    const branch = this.#branch(node);
    if (branch.q === q) return;
    branch.q = q;
    branch.isOpen = true;
    branch.pages = 0;
    this.#giveUp(branch);
    branch.unread = this.#unreadOf(node, q);
    void this.#read(node, branch);
    this.#changed();
  }

  /** Opens all groups above a path; the node there, or null where the tree does not have it. */
  async reveal(path: string): Promise<TreeNode | null> {
    let node = this.root;
    for (const name of path.split("/").filter(Boolean)) {
      this.open(node);
      const found = await this.#find(node, name);
      if (!found) return null;
      node = found;
    }
    return node;
  }

  /** Gives up all that is being read. */
  dispose(): void {
    for (const branch of this.#branches.values()) this.#giveUp(branch);
  }

  #giveUp(branch: Branch): void {
    branch.reading?.abort();
    branch.reading = null;
    branch.unread.look([]);
  }

  async #read(node: TreeNode, branch: Branch): Promise<void> {
    if (!node.target) return;
    const reading = new AbortController();
    branch.reading = reading;
    branch.error = null;
    this.#changed();
    const isFirst = branch.pages === 0;
    const question = {
      key: this.#key,
      group: node.target,
      q: branch.q,
      limit: isFirst ? FIRST_PAGE : NAMES_PAGE,
      namesOnly: !isFirst,
      after: isFirst ? undefined : (branch.next ?? undefined),
    };
    try {
      const page = await this.#provider.children(question, reading.signal);
      if (branch.reading !== reading) return;
      const before = isFirst ? [] : branch.nodes;
      const nodes = page.children.map((child, index) =>
        this.#node(child, node, before.length + index + 1),
      );
      branch.nodes = before.concat(nodes);
      if (isFirst || nodes.some((node) => isSame(node, branch.pinned))) branch.pinned = null;
      branch.pages += 1;
      branch.next = page.next ?? null;
      if (page.next != null) branch.unread.know(branch.nodes.length, page.next);
      branch.total = page.total ?? null;
      branch.incomplete = page.incomplete ?? null;
    } catch (error) {
      if (branch.reading !== reading || reading.signal.aborted) return;
      branch.error = error;
    }
    branch.reading = null;
    this.#changed();
  }

  /** The child of that name, also where it is not among those that were read. */
  async #find(group: TreeNode, name: string): Promise<TreeNode | null> {
    const branch = this.#branch(group);
    const has = (node: TreeNode) => node.child?.name === name && node.child.path != null;
    await this.#settled(branch);
    const pinned = branch.pinned && has(branch.pinned) ? branch.pinned : null;
    const known = branch.nodes.find(has) ?? pinned;
    if (known && known.child?.type !== "unread") return known;
    if ((!known && branch.next === null) || !group.target) return null;
    const question = { key: this.#key, group: group.target, q: name, limit: 1000 };
    const { children } = await this.#provider.children(question);
    const index = children.findIndex((child) => child.name === name);
    const child = children[index];
    if (!child || !branch.isOpen) return null;
    const node = known ?? this.#node(child, group, branch.nodes.length + 1);
    if (known) known.child = child;
    else branch.pinned = node;
    this.#changed();
    return node;
  }

  /** Waits until a group is not being read any more. */
  async #settled(branch: Branch): Promise<void> {
    while (branch.reading) {
      await new Promise<void>((resolve) => {
        const stop = this.subscribe(() => {
          stop();
          resolve();
        });
      });
    }
  }

  #addRows(rows: Row[], node: TreeNode, setSize: number, q: string): void {
    const branch = this.#branches.get(node);
    const isOpen = branch?.isOpen ?? false;
    rows.push({ kind: "node", node, isOpen, setSize, q });
    if (!branch || !isOpen) return;
    // Where the total is not known there are at least those that were read: -1 is ARIA's word.
    const known = branch.total === null ? -1 : Number(branch.total);
    const size = branch.next === null ? branch.nodes.length : known;
    // First, not last: below thousands of rows nobody would see it.
    if (branch.incomplete) {
      rows.push({ kind: "incomplete", group: node, incomplete: branch.incomplete });
    }
    for (const child of branch.nodes) this.#addRows(rows, child, size, branch.q);
    if (branch.pinned) this.#addRows(rows, branch.pinned, size, branch.q);
    if (branch.error !== null) rows.push({ kind: "failed", group: node, error: branch.error });
    else if (branch.reading) rows.push({ kind: "reading", group: node });
    else if (branch.next !== null) rows.push({ kind: "more", group: node });
    else if (branch.nodes.length === 0) rows.push({ kind: "empty", group: node, q: branch.q });
  }

  #branch(node: TreeNode): Branch {
    let branch = this.#branches.get(node);
    if (!branch) {
      branch = {
        isOpen: false,
        nodes: [],
        pinned: null,
        q: "",
        pages: 0,
        next: null,
        total: null,
        incomplete: null,
        error: null,
        reading: null,
        unread: this.#unreadOf(node, ""),
      };
      this.#branches.set(node, branch);
    }
    return branch;
  }

  #unreadOf(group: TreeNode, q: string): UnreadChildren {
    const replace = (index: number, change: (child: Child) => Child) => {
      const node = this.#branches.get(group)?.nodes[index];
      if (node?.child?.type === "unread") node.child = change(node.child);
    };
    const listing = { key: this.#key, group: group.target ?? ROOT, q };
    return new UnreadChildren(this.#provider, listing, {
      found: (start, children) => {
        children.forEach((child, index) => {
          // Another name is there where the file has changed; the page says so.
          replace(start + index, (known) => (known.name === child.name ? child : known));
        });
        this.#changed();
      },
      failed: (start, count, error) => {
        for (let index = start; index < start + count; index += 1) {
          replace(index, (known) => ({ ...known, error }));
        }
        this.#changed();
      },
    });
  }

  #node(child: Child | null, parent: TreeNode | null, position: number): TreeNode {
    this.#nodes += 1;
    const level = parent ? parent.level + 1 : 1;
    const target = child ? targetOf(child) : ROOT;
    return { id: this.#nodes, parent, level, position, child, target };
  }

  #changed(): void {
    this.#rows = null;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Whether a node is a group that may have children. */
export function canOpen({ child, target }: TreeNode): boolean {
  if (!child) return true;
  // `num_children` is null where the server would have to read more than the group's header.
  return child.type === "group" && target !== null && child.num_children !== 0;
}

/** Whether a row stands for children of a group that are not there yet. */
export function isRest(row: Row): row is Extract<Row, { kind: "reading" | "more" | "failed" }> {
  return row.kind === "reading" || row.kind === "more" || row.kind === "failed";
}

function isSame(one: TreeNode, other: TreeNode | null): boolean {
  return other !== null && one.child?.name === other.child?.name;
}
