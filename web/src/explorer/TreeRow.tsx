import type { Child } from "../api/models";
import { ApiError } from "../api/problem";
import { addressOf, usePlace } from "../router/place";
import { classes } from "../shared/classes";
import { countText, nameText, shapeText } from "../shared/format";
import { Icon } from "../shared/Icon";
import { Marked } from "../shared/Marked";
import { iconOf } from "./kinds";
import styles from "./Tree.module.css";
import { canOpen, isRest, type Row } from "./treeModel";

const INDENT_PX = 16;

interface Props {
  row: Row;
  index: number;
  top: number;
  isActive: boolean;
  isChosen: boolean;
  /** The filter of the group that the row shows. */
  filter: string;
}

export function rowId(row: Row | undefined): string {
  if (!row) return "";
  if (row.kind === "node") return `tree-${row.node.id}`;
  // What stands for the rest of a group is one row, in whatever state.
  return `tree-${row.group.id}-${isRest(row) ? "rest" : row.kind}`;
}

export function TreeRow({ row, index, top, isActive, isChosen, filter }: Props) {
  const level = row.kind === "node" ? row.node.level : row.group.level + 1;
  const node = row.kind === "node" ? row.node : null;
  const isGroup = node !== null && canOpen(node);
  return (
    <div
      id={rowId(row)}
      data-index={index}
      className={classes(styles.row, isActive && styles.active, isChosen && styles.chosen)}
      style={{
        transform: `translateY(${top}px)`,
        paddingInlineStart: (level - 1) * INDENT_PX + 4,
      }}
      role="treeitem"
      aria-level={level}
      aria-selected={isChosen}
      aria-expanded={isGroup && row.kind === "node" ? row.isOpen : undefined}
      aria-posinset={node?.position}
      aria-setsize={row.kind === "node" ? row.setSize : undefined}
    >
      {row.kind === "node" ? <NodeCells row={row} filter={filter} /> : <StateCells row={row} />}
    </div>
  );
}

function NodeCells({ row, filter }: { row: Extract<Row, { kind: "node" }>; filter: string }) {
  const place = usePlace();
  const { child, target } = row.node;
  const name = nameText(child ? child.name : (place.key?.split("/").at(-1) ?? ""));
  const words = <Marked text={name} mark={row.q} />;
  return (
    <>
      <span className={styles.toggle} data-toggle={canOpen(row.node) || undefined}>
        {canOpen(row.node) && (
          <Icon name="chevron" className={classes(styles.chevron, row.isOpen && styles.turned)} />
        )}
      </span>
      <Icon name={child ? iconOf(child) : "file"} className={styles[child?.type ?? "file"]} />
      {target ? (
        <a
          className={styles.name}
          tabIndex={-1}
          href={addressOf({ key: place.key, object: target })}
          title={name}
        >
          {words}
        </a>
      ) : (
        <span className={styles.name}>{words}</span>
      )}
      {child && <Badges child={child} />}
      {filter && <span className={styles.badge}>filter: {filter}</span>}
      {child && <span className={styles.facts}>{factsOf(child)}</span>}
    </>
  );
}

function Badges({ child }: { child: Child }) {
  const to = [child.target_file, child.target].filter(Boolean).join(" : ");
  return (
    <>
      {child.link !== "hard" && (
        <span className={styles.badge} title={to ? `leads to ${nameText(to)}` : undefined}>
          <Icon name={child.link === "external" ? "external" : "link"} />
          <span className="visually-hidden">{child.link} link</span>
        </span>
      )}
      {child.cycle && (
        <span className={styles.badge} title="It is one of the groups above">
          cycle
        </span>
      )}
      {child.error && (
        <span className={styles.wrong} title={child.error.detail}>
          {child.error.code === "link_unresolved" ? "dangling" : child.error.code.replace("_", " ")}
        </span>
      )}
    </>
  );
}

function StateCells({ row }: { row: Exclude<Row, { kind: "node" }> }) {
  switch (row.kind) {
    case "reading":
    case "more":
      return <span className={styles.state}>reading …</span>;
    case "empty":
      return <span className={styles.state}>{row.q ? `no name has “${row.q}”` : "empty"}</span>;
    case "incomplete":
      return (
        <span className={styles.wrong} title={row.incomplete.detail}>
          children may be missing: {row.incomplete.detail}
        </span>
      );
    case "failed": {
      const words = row.error instanceof ApiError ? row.error.message : String(row.error);
      return (
        <>
          <span className={styles.wrong} title={words}>
            {words}
          </span>
          <span className={styles.retry}>Try again</span>
        </>
      );
    }
  }
}

function factsOf(child: Child): string {
  switch (child.type) {
    case "group":
      return child.num_children == null ? "" : countText(child.num_children);
    case "dataset":
      return `${shapeText(child.shape)}  ${child.dtype ?? ""}`;
    case "datatype":
      return child.dtype ?? "";
    case "unresolved":
    case "unread":
      return "";
  }
}
