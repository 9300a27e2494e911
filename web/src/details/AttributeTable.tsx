import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { targetText, type Attribute, type MetaAnswer, type Target } from "../api/models";
import { ATTRIBUTES_LIMIT, useProvider } from "../api/provider";
import { Asked } from "../shared/Asked";
import { Button } from "../shared/Button";
import { CopyButton } from "../shared/CopyButton";
import { Failure } from "../shared/Failure";
import { counted, countText, nameText, shapeText } from "../shared/format";
import { Search } from "../shared/Search";
import { Waiting } from "../shared/Waiting";
import styles from "./AttributeTable.module.css";
import { hasMoreThan, Value } from "./Value";
import { WholeValue } from "./WholeValue";

/** Scalars of a value that are shown in its row. */
const LEAVES = 24;
/** Characters of a text that are shown in its row. */
const TEXT = 400;
/** Fewer are found by looking. */
const SEARCH_FROM = 12;

interface Props {
  fileKey: string;
  object: Target;
  /** The answer with the first page of attributes. */
  first: MetaAnswer;
}

/** The attributes of an object, by name. */
export function AttributeTable({ fileKey, object, first }: Props) {
  const [q, setQ] = useState("");
  const pages = useAttributePages(fileKey, object, first);
  const attributes = pages.data.pages.flatMap((page) => page.metadata.attributes);
  const shown = attributes.filter(({ name }) => name.toLowerCase().includes(q.toLowerCase()));
  const total = first.metadata.num_attributes ?? attributes.length;

  return (
    <section aria-labelledby="attributes-title">
      <div className={styles.head}>
        <h2 id="attributes-title">
          Attributes <span className={styles.count}>{countText(total)}</span>
        </h2>
        {attributes.length >= SEARCH_FROM && (
          <Search label="Filter attributes" value={q} onSearch={setQ} className={styles.search} />
        )}
      </div>
      {attributes.length > 0 && (
        <table className={styles.table}>
          <colgroup>
            <col className={styles.nameColumn} />
            <col />
            <col className={styles.typeColumn} />
          </colgroup>
          <thead className="visually-hidden">
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Value</th>
              <th scope="col">Type</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((attribute, index) => (
              <AttributeRow
                key={`${index} ${attribute.name}`}
                attribute={attribute}
                fileKey={fileKey}
                object={object}
              />
            ))}
          </tbody>
        </table>
      )}
      {pages.error && (
        <Failure
          what="More attributes could not be read"
          error={pages.error}
          onRetry={() => void pages.fetchNextPage()}
        />
      )}
      {pages.isFetchingNextPage && <Waiting what="Reading more attributes" />}
      {pages.hasNextPage && !pages.isFetchingNextPage && !pages.error && (
        <Button onClick={() => void pages.fetchNextPage()}>More attributes</Button>
      )}
    </section>
  );
}

function useAttributePages(key: string, object: Target, first: MetaAnswer) {
  const provider = useProvider();
  const pages = useInfiniteQuery({
    queryKey: ["attributes", key, targetText(object), first.etag],
    queryFn: async ({ pageParam, signal }) =>
      await provider.meta(
        { key, object, attributesAfter: pageParam, attributesLimit: ATTRIBUTES_LIMIT },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.metadata.attributes_next ?? undefined,
    initialData: { pages: [first], pageParams: [undefined] },
    staleTime: Infinity,
  });
  return pages;
}

interface RowProps {
  attribute: Attribute;
  fileKey: string;
  object: Target;
}

function AttributeRow({ attribute, fileKey, object }: RowProps) {
  const [isWhole, setIsWhole] = useState(false);
  const { name, value, error } = attribute;
  const isCut = attribute.truncated === true;
  const isLong = isCut || hasMoreThan(value, LEAVES) || isLongText(value);
  const whole = isCut ? counted(attribute.size ?? 0, "value") : "whole value";
  return (
    <tr>
      <th scope="row" className={styles.name}>
        {nameText(name)}
      </th>
      <td className={styles.value}>
        {error ? (
          <span className={styles.wrong} title={error.code}>
            {error.detail}
          </span>
        ) : isWhole ? (
          <Whole fileKey={fileKey} object={object} attribute={attribute} />
        ) : attribute.shape === null ? (
          <span className={styles.none}>null</span>
        ) : (
          <Value value={cut(value)} fileKey={fileKey} leaves={LEAVES} />
        )}
        {isLong && !error && (
          <button
            type="button"
            className={styles.more}
            aria-expanded={isWhole}
            onClick={() => {
              setIsWhole(!isWhole);
            }}
          >
            {isWhole ? "less" : `show ${whole}`}
          </button>
        )}
      </td>
      <td className={styles.type}>{typeText(attribute)}</td>
    </tr>
  );
}

/** The value in full: asked for where the first answer had only its beginning. */
function Whole({ fileKey, object, attribute }: RowProps) {
  const provider = useProvider();
  const { name } = attribute;
  const isCut = attribute.truncated === true;
  const whole = useQuery({
    queryKey: ["attribute", fileKey, targetText(object), name],
    queryFn: async ({ signal }) => await provider.attribute({ key: fileKey, object, name }, signal),
    enabled: isCut,
  });
  if (!isCut) return <Copied value={attribute.value} fileKey={fileKey} />;
  return (
    <Asked question={whole} waiting="Reading the value" failure="The value could not be read">
      {(answer) => <Copied value={answer.attribute.value} fileKey={fileKey} />}
    </Asked>
  );
}

function Copied({ value, fileKey }: { value: unknown; fileKey: string }) {
  return (
    <div className={styles.whole}>
      <WholeValue value={value} fileKey={fileKey} />
      <CopyButton label="Copy the value" text={() => plainText(value)} />
    </div>
  );
}

function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  const digits = (_name: string, part: unknown) => (typeof part === "bigint" ? String(part) : part);
  return JSON.stringify(value, digits);
}

function isLongText(value: unknown): boolean {
  return typeof value === "string" && value.length > TEXT;
}

function cut(value: unknown): unknown {
  return typeof value === "string" && value.length > TEXT ? `${value.slice(0, TEXT)}…` : value;
}

function typeText({ dtype, shape }: Attribute): string {
  const words = dtype ?? "unknown type";
  return shape && shape.length > 0 ? `${words} ${shapeText(shape)}` : words;
}
