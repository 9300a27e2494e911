import { useCallback, useEffect, useRef, useState } from "react";
import type { Target } from "../api/models";
import { targetText } from "../api/models";
import { goTo, type View } from "../router/place";
import { nameText } from "../shared/format";
import { Search } from "../shared/Search";
import { Tree } from "./Tree";
import styles from "./TreePane.module.css";
import { canOpen, type Row, type TreeModel, type TreeNode } from "./treeModel";

interface Props {
  model: TreeModel;
  fileKey: string;
  chosen: Target;
  /** The view that was asked for, if any: other objects are shown in it too. */
  view: View | null;
}

/** The tree of a file, and the filter of the group that one is in. */
export function TreePane({ model, fileKey, chosen, view }: Props) {
  const [active, setActive] = useState<Row | null>(null);
  const chosenHere = useRevealed(model, chosen, setActive);

  const group = groupOf(active) ?? model.root;
  // The model tells of changes to the tree; the field of the filter is told by this.
  const [filters, setFilters] = useState(new Map<TreeNode, string>());
  const search = useCallback(
    (q: string) => {
      model.filter(group, q);
      setFilters((known) => new Map(known).set(group, q));
    },
    [model, group],
  );
  const name = group.child ? nameText(group.child.name) : "the file";

  return (
    <nav className={styles.pane} aria-label="What is in the file">
      <div className={styles.head}>
        <Search
          label={`Filter names in ${name}`}
          value={filters.get(group) ?? ""}
          onSearch={search}
        />
      </div>
      <Tree
        model={model}
        chosen={chosen}
        active={active}
        onActive={setActive}
        onChoose={(node) => {
          if (!node.target) return;
          chosenHere(node.target);
          // Data are what suits whatever has some.
          goTo({ key: fileKey, object: node.target, view: view === "data" ? null : view });
        }}
        label={`Groups and datasets of ${nameText(fileKey)}`}
      />
    </nav>
  );
}

/** The group that a row is, or is in. */
function groupOf(row: Row | null): TreeNode | null {
  if (!row) return null;
  if (row.kind !== "node") return row.group;
  return canOpen(row.node) ? row.node : row.node.parent;
}

/**
 * Opens the tree where the chosen object is, when it was chosen elsewhere: by a link, or by back.
 * The function that is returned says that it is chosen in the tree itself.
 */
function useRevealed(
  model: TreeModel,
  chosen: Target,
  setActive: (row: Row) => void,
): (target: Target) => void {
  const text = targetText(chosen);
  const chosenHere = useRef<string | null>(null);
  useEffect(() => {
    model.open(model.root);
    const isKnown = chosenHere.current === text || !text.startsWith("/");
    chosenHere.current = null;
    if (isKnown) return;
    let isCurrent = true;
    void model.reveal(text).then(
      (node) => {
        const row = model.rows().find((row) => row.kind === "node" && row.node === node);
        if (!node || !row || !isCurrent) return;
        model.open(node);
        setActive(row);
      },
      () => undefined, // The object itself says what is wrong with its path.
    );
    return () => {
      isCurrent = false;
    };
  }, [model, text, setActive]);
  return (target) => {
    chosenHere.current = targetText(target);
  };
}
