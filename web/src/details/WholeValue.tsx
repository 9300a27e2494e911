import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import styles from "./WholeValue.module.css";
import { Value } from "./Value";

const ROW_PX = 20;
/** Of one element of a list; a list of lists has a row for each of the inner ones. */
const LEAVES = 200;

/** A value of any length: of a list only the rows in sight are in the document. */
export function WholeValue({ value, fileKey }: { value: unknown; fileKey: string }) {
  return Array.isArray(value) ? (
    <List items={value} fileKey={fileKey} />
  ) : (
    // A text can be scrolled with the keyboard when it has the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className={styles.text} tabIndex={0}>
      <Value value={value} fileKey={fileKey} leaves={10_000} />
    </pre>
  );
}

function List({ items, fileKey }: { items: unknown[]; fileKey: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={scroller} className={styles.list} tabIndex={0} role="region" aria-label="Values">
      <div className={styles.all} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <div key={index} className={styles.row} style={{ transform: `translateY(${start}px)` }}>
            <span className={styles.index}>{index}</span>
            <span>
              <Value value={items[index]} fileKey={fileKey} leaves={LEAVES} />
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}
