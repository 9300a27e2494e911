import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { goTo, type Place, type Sort } from "../router/place";
import { Asked } from "../shared/Asked";
import { Button } from "../shared/Button";
import { Failure } from "../shared/Failure";
import { counted, nameText } from "../shared/format";
import { Search } from "../shared/Search";
import { Waiting } from "../shared/Waiting";
import { FileRow, placeOfEntry, ROW_PX } from "./FileRow";
import styles from "./FilesView.module.css";
import { entriesOf, useListing, type Entry } from "./listing";

/** Pages are asked for so many rows before they are needed. */
const AHEAD_ROWS = 100;

/** The folders and files of a source. */
export function FilesView({ place }: { place: Place }) {
  const { prefix, q, sort } = place;
  const { listing, refresh, cancel } = useListing(prefix, q);
  const pages = listing.data?.pages;
  const entries = useMemo(() => entriesOf(pages ?? [], sort), [pages, sort]);

  // Only the order of names is the server's: for another one all has to be there.
  const needsAll = sort !== "name";
  const { hasNextPage, isFetching, isError, fetchNextPage } = listing;
  function readAhead(lastRow: number) {
    const isNear = lastRow + AHEAD_ROWS >= entries.length;
    if ((needsAll || isNear) && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }

  // While one types, what was found before stays; but not when what is searched for is given up.
  const isBefore = listing.isPlaceholderData;
  const data = isBefore && !isFetching ? undefined : listing.data;
  // Where pages are there already, it is the next one that failed.
  const continueListing = () => void (pages && !isBefore ? fetchNextPage() : listing.refetch());
  const again = () => {
    refresh.mutate();
  };

  const where = prefix === "" ? "all files" : nameText(prefix);
  return (
    <main className={styles.view}>
      <div className={styles.head}>
        <Search
          label={`Find in ${where}`}
          value={q}
          className={styles.search}
          onSearch={(q) => {
            goTo({ prefix, q, sort }, { replace: true });
          }}
        />
        <Button icon="refresh" disabled={refresh.isPending} onClick={again}>
          Refresh
        </Button>
      </div>
      {refresh.error && (
        <Failure what="The files could not be listed" error={refresh.error} onRetry={again} />
      )}
      <Asked
        question={{ ...listing, data, refetch: continueListing }}
        waiting="Listing"
        failure="The files could not be listed"
        onCancel={cancel}
      >
        {({ pages }) => (
          <>
            <FileTable key={`${prefix}?${q}`} entries={entries} place={place} onSeen={readAhead} />
            {isBefore ? (
              <div className={styles.footer}>
                <Waiting what="Searching" onCancel={cancel} />
              </div>
            ) : (
              <Footer entries={entries} isAll={!hasNextPage} ageMs={pages[0]?.age_ms ?? 0} q={q} />
            )}
          </>
        )}
      </Asked>
    </main>
  );
}

interface TableProps {
  entries: readonly Entry[];
  place: Place;
  onSeen: (lastRow: number) => void;
}

/** Where each folder was scrolled to: going back leads to the same rows. */
const scrolled = new Map<string, number>();

function FileTable({ entries, place, onSeen }: TableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const memory = `${place.prefix}?${place.q}`;
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    initialOffset: scrolled.get(memory) ?? 0,
  });
  const items = virtual.getVirtualItems();
  const lastRow = items.at(-1)?.index ?? 0;
  useEffect(() => {
    onSeen(lastRow);
  }, [lastRow, onSeen]);
  const offset = virtual.scrollOffset;
  useEffect(() => {
    if (offset !== null) scrolled.set(memory, offset);
  }, [memory, offset]);

  function onKeyDown(event: KeyboardEvent) {
    // The heads of columns have keys of their own.
    if (event.target !== event.currentTarget) return;
    const page = Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 1;
    const wanted = rowAfter(event.key, active, page, entries.length);
    const entry = entries[active];
    if (event.key === "Enter" && entry) goTo(placeOfEntry(entry));
    else if (wanted === null) return;
    else {
      setActive(wanted);
      virtual.scrollToIndex(wanted);
    }
    event.preventDefault();
  }

  return (
    <div
      className={styles.table}
      role="grid"
      tabIndex={0}
      aria-label="Files"
      aria-rowcount={-1}
      aria-activedescendant={active >= 0 ? `file-${active}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div role="row" className={styles.columns}>
        <Column place={place} name="name" words="Name" />
        <Column place={place} name="size" words="Size" />
        <Column place={place} name="modified" words="Modified" />
      </div>
      <div ref={scroller} className={styles.rows} role="rowgroup">
        <div role="none" className={styles.all} style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const entry = entries[index];
            return (
              entry && (
                <FileRow
                  key={index}
                  entry={entry}
                  index={index}
                  top={start}
                  place={place}
                  isActive={index === active}
                />
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** The row that a key leads to; null for all other keys. */
function rowAfter(key: string, row: number, page: number, count: number): number | null {
  const wanted = {
    ArrowDown: row + 1,
    ArrowUp: row - 1,
    PageDown: row + page,
    PageUp: row - page,
    Home: 0,
    End: count - 1,
  }[key];
  return wanted === undefined ? null : Math.max(Math.min(wanted, count - 1), 0);
}

interface ColumnProps {
  place: Place;
  name: "name" | "size" | "modified";
  words: string;
}

/** The head of a column; a click sorts by it, another one the other way round. */
function Column({ place, name, words }: ColumnProps) {
  const { prefix, q, sort } = place;
  const isDown = sort === `-${name}`;
  const isSorted = isDown || sort === name;
  // What is large or new is looked for more often.
  const next: Sort = name === "name" ? "name" : isDown ? name : `-${name}`;
  const ariaSort = isSorted ? (isDown ? "descending" : "ascending") : "none";
  return (
    <div role="columnheader" aria-sort={ariaSort} className={styles[name]}>
      <button
        type="button"
        className={styles.sort}
        onClick={() => {
          goTo({ prefix, q, sort: next }, { replace: true });
        }}
      >
        {words}
        <span aria-hidden="true">{isSorted ? (isDown ? " ↓" : " ↑") : ""}</span>
      </button>
    </div>
  );
}

interface FooterProps {
  entries: readonly Entry[];
  isAll: boolean;
  ageMs: number | bigint;
  q: string;
}

function Footer({ entries, isAll, ageMs, q }: FooterProps) {
  const folders = entries.filter((entry) => entry.kind === "folder").length;
  const files = entries.length - folders;
  const counts = [];
  if (folders > 0) counts.push(counted(folders, "folder"));
  if (files > 0) counts.push(counted(files, "file"));
  if (!isAll) counts.push(entries.length > 0 ? "and more" : "Nothing so far, searching on …");
  const nothing = q ? `No key here contains “${q}”.` : "There is nothing here.";
  const age = Math.round(Number(ageMs) / 1000);
  return (
    <p className={styles.footer} role="status">
      {entries.length === 0 && isAll ? nothing : counts.join(", ")}
      <span>
        {age > 0 ? `as of ${age} s ago` : "as of now"} · <a href="assets/licenses.txt">Licences</a>
      </span>
    </p>
  );
}
