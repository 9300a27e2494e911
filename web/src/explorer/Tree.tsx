import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { KeyboardEvent, MouseEvent } from "react";
import { targetText, type Target } from "../api/models";
import styles from "./Tree.module.css";
import { rowId, TreeRow } from "./TreeRow";
import { canOpen, isRest, type Row, type TreeModel, type TreeNode } from "./treeModel";
import { keyAction, type KeyAction } from "./treeKeys";

/** As `--row` in the tokens. */
const ROW_PX = 28;
/** Pages are asked for so many rows before they are needed. */
const AHEAD_ROWS = 60;
/** Rows that pass by sooner are not looked at. */
const STILL_MS = 60;
/** Letters that follow each other sooner belong to one name. */
const TYPING_PAUSE_MS = 700;

interface Props {
  model: TreeModel;
  /** The object that the page shows. */
  chosen: Target;
  active: Row | null;
  onActive: (row: Row) => void;
  onChoose: (node: TreeNode) => void;
  label: string;
}

/**
 * The open rows of a tree, of which only those in sight are in the document.
 *
 * The keyboard is that of the ARIA tree pattern. The tree keeps the focus and says which row is
 * active: a row that had the focus would lose it by being scrolled out of the document.
 */
export function Tree({ model, chosen, active, onActive, onChoose, label }: Props) {
  const rows = useSyncExternalStore(model.subscribe, model.rows);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    getItemKey: useCallback((index: number) => rowId(rows[index]), [rows]),
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items.at(0)?.index ?? 0, items.at(-1)?.index ?? 0];
  useReadAhead(model, rows, first, last);
  useLook(model, rows, first, last);

  const activeId = rowId(active ?? undefined);
  const activeIndex = useMemo(
    () => (activeId ? rows.findIndex((row) => rowId(row) === activeId) : -1),
    [rows, activeId],
  );
  // Rows that come or go above the active one must not move what is looked at. Only who waits at
  // the end of a group for what comes there goes with it.
  const shownId = useRef("");
  const isWaiting = active !== null && isRest(active);
  useEffect(() => {
    if (activeIndex < 0 || (activeId === shownId.current && !isWaiting)) return;
    virtual.scrollToIndex(activeIndex);
    shownId.current = activeId;
  }, [activeId, activeIndex, isWaiting, virtual]);
  useEffect(() => {
    if (!active || !isRest(active) || activeIndex >= 0) return;
    const isOfGroup = (row: Row) => row.kind === "node" && row.node.parent === active.group;
    const last = rows.findLast(isOfGroup);
    if (last) onActive(last);
  }, [active, activeIndex, rows, onActive]);

  function act(row: Row) {
    if (row.kind === "node") onChoose(row.node);
    else model.readMore(row.group);
  }

  function move(action: KeyAction) {
    const row = rows[action.index];
    if (row) onActive(row);
    if (row?.kind === "node" && action.does === "open") model.open(row.node);
    if (row?.kind === "node" && action.does === "close") model.close(row.node);
    if (row && action.does === "act") act(row);
    if (action.does === "openSiblings") openSiblings(model, rows, row);
  }

  const typed = useTypedText();
  function onKeyDown(event: KeyboardEvent) {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const pageRows = Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 1;
    const action = keyAction(event.key, { rows, index: activeIndex, pageRows, typed });
    if (!action) return;
    event.preventDefault();
    move(action);
  }

  function onClick(event: MouseEvent) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    const element = event.target instanceof Element ? event.target : null;
    const index = element?.closest("[data-index]")?.getAttribute("data-index");
    const row = index == null ? undefined : rows[Number(index)];
    if (!row) return;
    event.preventDefault();
    onActive(row);
    if (row.kind !== "node") act(row);
    else if (element?.closest("[data-toggle]")) model.toggle(row.node);
    else {
      const isChosen = row.node.target && targetText(row.node.target) === targetText(chosen);
      if (isChosen) model.toggle(row.node);
      else if (canOpen(row.node)) model.open(row.node);
      onChoose(row.node);
    }
  }

  return (
    <div
      ref={scroller}
      className={styles.tree}
      role="tree"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={activeIndex >= 0 ? rowId(rows[activeIndex]) : undefined}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <div role="none" className={styles.all} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const row = rows[index];
          return (
            row && (
              <TreeRow
                key={key}
                row={row}
                index={index}
                top={start}
                isActive={index === activeIndex}
                isChosen={isChosen(row, chosen)}
                filter={row.kind === "node" ? model.filterOf(row.node) : ""}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

function isChosen(row: Row, chosen: Target): boolean {
  const target = row.kind === "node" ? row.node.target : null;
  return target !== null && targetText(target) === targetText(chosen);
}

/** Asks for the next page of each group whose end is in sight, or nearly. */
function useReadAhead(model: TreeModel, rows: readonly Row[], first: number, last: number) {
  useEffect(() => {
    for (const row of rows.slice(first, last + AHEAD_ROWS)) {
      if (row.kind === "more") model.readMore(row.group);
    }
  }, [model, rows, first, last]);
}

/** Asks what the objects in sight are, once the tree stands still. */
function useLook(model: TreeModel, rows: readonly Row[], first: number, last: number) {
  useEffect(() => {
    const timer = setTimeout(() => {
      model.look(rows.slice(first, last + 1));
    }, STILL_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [model, rows, first, last]);
}

function openSiblings(model: TreeModel, rows: readonly Row[], row: Row | undefined) {
  if (row?.kind !== "node") return;
  for (const other of rows) {
    if (other.kind === "node" && other.node.parent === row.node.parent) model.open(other.node);
  }
}

/** What was typed without a pause, to find a name by. */
function useTypedText(): (key: string) => string {
  const typed = useRef({ text: "", at: 0 });
  return (key) => {
    const now = performance.now();
    const isNew = now - typed.current.at > TYPING_PAUSE_MS;
    typed.current = { text: (isNew ? "" : typed.current.text) + key.toLowerCase(), at: now };
    return typed.current.text;
  };
}
