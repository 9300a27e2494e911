import { canOpen, type Row } from "./treeModel";

/** What a key does: which row becomes active, and what happens to it. */
export interface KeyAction {
  index: number;
  does?: "open" | "close" | "act" | "openSiblings";
}

interface Situation {
  rows: readonly Row[];
  /** The active row, or -1. */
  index: number;
  pageRows: number;
  /** Adds a letter to those typed just before. */
  typed: (letter: string) => string;
}

/** The keys of the ARIA tree pattern; null for all others. */
export function keyAction(key: string, situation: Situation): KeyAction | null {
  const { rows, pageRows } = situation;
  const index = Math.max(situation.index, 0);
  const row = rows[index];
  const within = (wanted: number) => ({ index: Math.min(Math.max(wanted, 0), rows.length - 1) });
  switch (key) {
    case "ArrowDown":
      return within(situation.index + 1);
    case "ArrowUp":
      return within(index - 1);
    case "PageDown":
      return within(index + pageRows);
    case "PageUp":
      return within(index - pageRows);
    case "Home":
      return within(0);
    case "End":
      return within(rows.length - 1);
    case "ArrowRight":
      if (row?.kind !== "node" || !canOpen(row.node)) return null;
      return row.isOpen ? within(index + 1) : { index, does: "open" };
    case "ArrowLeft":
      if (row?.kind === "node" && row.isOpen) return { index, does: "close" };
      return within(parentIndex(rows, row) ?? index);
    case "Enter":
    case " ":
      return { index, does: "act" };
    case "*":
      return { index, does: "openSiblings" };
    default:
      return key.length === 1 ? found(situation, index, key) : null;
  }
}

function parentIndex(rows: readonly Row[], row: Row | undefined): number | null {
  if (!row) return null;
  const parent = row.kind === "node" ? row.node.parent : row.group;
  const index = rows.findIndex((other) => other.kind === "node" && other.node === parent);
  return index < 0 ? null : index;
}

/** The next row whose name starts with what was typed. */
function found({ rows, typed }: Situation, index: number, letter: string): KeyAction | null {
  const start = typed(letter);
  // While one types on, the row that was found may still fit; a new word looks further.
  const from = start.length > 1 ? index : index + 1;
  for (let step = 0; step < rows.length; step += 1) {
    const at = (from + step) % rows.length;
    const row = rows[at];
    const name = row?.kind === "node" ? row.node.child?.name : undefined;
    if (name?.toLowerCase().startsWith(start)) return { index: at };
  }
  return null;
}
