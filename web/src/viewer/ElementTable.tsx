import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type FocusEvent, type RefObject } from "react";
import { targetText, type DataAnswer, type DatasetMetadata } from "../api/models";
import { useProvider, type DataQuestion } from "../api/provider";
import { Button } from "../shared/Button";
import { Failure } from "../shared/Failure";
import { countText, nameText } from "../shared/format";
import { ReferenceLink } from "../shared/ReferenceLink";
import { Waiting } from "../shared/Waiting";
import { floatOfComplex } from "./complex";
import type { Conversion } from "./conversion";
import styles from "./ElementTable.module.css";
import { elementParts, numberElementText, textOf, type Part } from "./elementText";
import { isRange, type Member, type Range } from "./slice";

const ROW_PX = 28;
const COLUMN_PX = 128;
/** What is asked for at once. */
const WINDOW = { rows: 64, columns: 32 };
/** Browsers have no room for more: 2^25 pixels and they lose count. Ranges lead further. */
const ROWS_MAX = 500_000;
const COLUMNS_MAX = 100_000;

/** Of a cell; one of more references is text. */
const LINKS_MAX = 8;

interface Props {
  question: DataQuestion;
  members: readonly Member[];
  metadata: DatasetMetadata;
  conversion: Conversion | null;
}

/** The elements of up to two dimensions. Only windows in sight are asked for. */
export function ElementTable({ question, members, metadata, conversion }: Props) {
  const { rows, columns, fields } = sidesOf(members, metadata);
  const scroller = useRef<HTMLDivElement>(null);
  const rowCount = Math.min(rows.stop - rows.start, ROWS_MAX);
  const columnCount = fields?.length ?? Math.min(columns.stop - columns.start, COLUMNS_MAX);
  const down = useVirtualizer({
    count: rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 4,
  });
  const across = useVirtualizer({
    horizontal: true,
    count: columnCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => COLUMN_PX,
    overscan: 1,
  });
  const shownRows = down.getVirtualItems();
  const shownColumns = across.getVirtualItems();
  const { elementAt, error, retry, state, cancel } = useWindows(question, members, {
    rows: shownRows.map(({ index }) => index),
    columns: fields ? [0] : shownColumns.map(({ index }) => index),
  });
  const datatype = metadata.datatype ?? null;
  const partsAt = (row: number, column: number): Part[] => {
    const element = elementAt(row, fields ? 0 : column);
    if (element === undefined) return [];
    if (conversion) return [numberElementText(element, conversion, datatype)];
    const field = fields?.[column];
    if (field === undefined) return elementParts(element, datatype);
    return elementParts((element as Record<string, unknown>)[field.name], field.datatype);
  };
  const onFocus = useKeptFocus(scroller);
  return (
    <>
      {error && <Failure what="The elements could not be read" error={error} onRetry={retry} />}
      {rowCount < rows.stop - rows.start && (
        <p className={styles.cut}>
          The first {countText(rowCount)} rows. Ranges of the dimension show others.
        </p>
      )}
      {!fields && columnCount < columns.stop - columns.start && (
        <p className={styles.cut}>
          The first {countText(columnCount)} columns. Ranges of the dimension show others.
        </p>
      )}
      <div className={styles.state}>
        {state === "reading" && <Waiting what="Reading the elements" onCancel={cancel} />}
        {state === "left" && <Button onClick={retry}>Read the elements</Button>}
      </div>
      <div
        ref={scroller}
        className={styles.scroller}
        role="grid"
        aria-label="Elements"
        aria-rowcount={rowCount + 1}
        aria-colcount={columnCount + 1}
        // It is scrolled by keys.
        tabIndex={0}
        onFocus={onFocus}
      >
        <div
          role="none"
          className={styles.all}
          style={{ height: down.getTotalSize() + ROW_PX, width: across.getTotalSize() + 96 }}
        >
          <div role="row" className={styles.head} aria-rowindex={1}>
            <span role="columnheader" className={styles.corner} />
            {shownColumns.map(({ index, start }) => (
              <span
                key={index}
                role="columnheader"
                className={styles.cell}
                style={{ transform: `translateX(${start + 96}px)` }}
              >
                {fields ? nameText(fields[index]?.name ?? "") : columns.start + index}
              </span>
            ))}
          </div>
          {shownRows.map(({ index: row, start: top }) => (
            <div
              key={row}
              role="row"
              className={styles.row}
              aria-rowindex={row + 2}
              style={{ transform: `translateY(${top + ROW_PX}px)` }}
            >
              <span role="rowheader" className={styles.corner}>
                {rows.start + row}
              </span>
              {shownColumns.map(({ index: column, start }) => (
                <Cell
                  key={column}
                  parts={partsAt(row, column)}
                  start={start + 96}
                  fileKey={question.key}
                />
              ))}
            </div>
          ))}
        </div>
      </div>
    </>
  );
}

interface CellProps {
  parts: readonly Part[];
  start: number;
  fileKey: string;
}

function Cell({ parts, start, fileKey }: CellProps) {
  const text = textOf(parts);
  const references = parts.filter((part) => typeof part !== "string").length;
  return (
    <span
      role="gridcell"
      className={styles.cell}
      title={text === "" ? undefined : text}
      style={{ transform: `translateX(${start}px)` }}
    >
      {references > LINKS_MAX
        ? text
        : parts.map((part, at) =>
            typeof part === "string" ? (
              part
            ) : (
              <ReferenceLink key={at} reference={part} fileKey={fileKey} />
            ),
          )}
    </span>
  );
}

/** Keys go on scrolling when a link that has the focus is scrolled away: rows out of sight are gone. */
function useKeptFocus(scroller: RefObject<HTMLElement | null>) {
  const focused = useRef<Element | null>(null);
  useEffect(() => {
    const isGone = focused.current?.isConnected === false;
    if (!isGone) return;
    focused.current = null;
    if (document.activeElement === document.body) scroller.current?.focus({ preventScroll: true });
  });
  return (event: FocusEvent) => {
    focused.current = event.target;
  };
}

/** The ranges that run down and across; the fields, where records stand in columns of their own. */
function sidesOf(members: readonly Member[], { datatype }: DatasetMetadata) {
  const ranges = members.filter(isRange);
  const one: Range = { start: 0, stop: 1 };
  const rows = ranges[0] ?? one;
  const columns = ranges[1] ?? one;
  const isOfRecords = datatype?.class === "compound" && floatOfComplex(datatype) === null;
  const fields = isOfRecords && ranges.length < 2 ? datatype.fields : null;
  return { rows, columns, fields };
}

interface Indices {
  rows: readonly number[];
  columns: readonly number[];
}

/** The elements of the windows that hold these rows and columns, as far as they are there. */
function useWindows(question: DataQuestion, members: readonly Member[], shown: Indices) {
  const provider = useProvider();
  const client = useQueryClient();
  const starts = (indices: readonly number[], size: number) => [
    ...new Set(indices.map((index) => index - (index % size))),
  ];
  const windows = starts(shown.rows, WINDOW.rows).flatMap((row) =>
    starts(shown.columns, WINDOW.columns).map((column) => ({ row, column })),
  );
  const answers = useQueries({
    queries: windows.map(({ row, column }) => {
      const selection = windowText(members, row, column);
      return {
        queryKey: ["data", question.key, targetText(question.object), selection],
        queryFn: async ({ signal }: { signal: AbortSignal }): Promise<DataAnswer> =>
          await provider.data({ ...question, selection }, signal),
      };
    }),
  });
  const elementAt = (row: number, column: number): unknown => {
    const at = windows.findIndex(
      (window) =>
        window.row === row - (row % WINDOW.rows) &&
        window.column === column - (column % WINDOW.columns),
    );
    const window = windows[at];
    const answer = answers[at]?.data;
    if (!window || !answer) return undefined;
    const indices = [row - window.row, column - window.column].slice(0, answer.shape?.length ?? 0);
    return indices.reduce<unknown>(
      (list, index) => (Array.isArray(list) ? (list[index] as unknown) : undefined),
      answer.data,
    );
  };
  const missing = answers.filter(({ data, isFetching }) => data === undefined && !isFetching);
  const isReading = answers.some(({ isFetching }) => isFetching);
  const error = missing.find(({ error }) => error !== null)?.error ?? null;
  return {
    elementAt,
    error,
    /** Whether elements in sight are being read, or were given up. */
    state: isReading ? "reading" : missing.length > 0 && !error ? "left" : "there",
    retry: () => {
      for (const answer of missing) void answer.refetch();
    },
    cancel: () => void client.cancelQueries({ queryKey: ["data", question.key] }),
  };
}

/** The part of a slice that a window shows. */
function windowText(members: readonly Member[], row: number, column: number): string {
  const offsets = [
    { from: row, count: WINDOW.rows },
    { from: column, count: WINDOW.columns },
  ];
  return members
    .map((member) => {
      if (!isRange(member)) return String(member.index);
      const { from, count } = offsets.shift() ?? { from: 0, count: 1 };
      const start = member.start + from;
      return `${start}:${Math.min(start + count, member.stop)}`;
    })
    .join(",");
}
