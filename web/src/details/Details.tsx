import type { LayoutSource, MetaAnswer, Metadata, PartError, Target } from "../api/models";
import { Link } from "../router/Link";
import { folderOf } from "../router/place";
import { nameText } from "../shared/format";
import { Notice } from "../shared/Notice";
import { AttributeTable } from "./AttributeTable";
import { DatatypeTree } from "./DatatypeTree";
import styles from "./Details.module.css";
import { Facts } from "./Facts";
import { datasetFacts, fileFacts, groupFacts } from "./objectFacts";
import { ScalarValue } from "./ScalarValue";
import { summaryOf } from "./summary";

/** The most sources of a dataset that are listed. */
const SOURCES = 50;

interface Props {
  fileKey: string;
  object: Target;
  answer: MetaAnswer;
}

/** What an object is, in words and facts, and its attributes. */
export function Details({ fileKey, object, answer }: Props) {
  const { metadata } = answer;
  const type = metadata.type === "group" ? null : metadata.datatype;
  return (
    <div className={styles.details}>
      <p className={styles.summary}>{summaryOf(metadata)}</p>
      <Damage metadata={metadata} />
      {metadata.file?.open_for_writing && (
        <Notice>
          The file is marked as open for writing: somebody writes it now, or did not close it.
        </Notice>
      )}
      {metadata.type === "dataset" && metadata.shape?.length === 0 && (
        <ScalarValue fileKey={fileKey} object={object} metadata={metadata} />
      )}
      {metadata.type === "dataset" && (
        <Facts title="Dataset" facts={datasetFacts(metadata, fileKey)} />
      )}
      <AttributeTable fileKey={fileKey} object={object} first={answer} />
      {type && <DatatypeTree type={type} />}
      {metadata.type === "dataset" && metadata.layout_sources && (
        <Sources sources={metadata.layout_sources} fileKey={fileKey} />
      )}
      {metadata.type === "group" && <Facts title="Group" facts={groupFacts(metadata)} />}
      {metadata.file && <Facts title="File" facts={fileFacts(metadata.file)} />}
    </div>
  );
}

function Damage({ metadata }: { metadata: Metadata }) {
  const errors: PartError[] = [...(metadata.errors ?? [])];
  if (metadata.attributes_incomplete) errors.push(metadata.attributes_incomplete);
  if (errors.length === 0) return null;
  return (
    <Notice>
      <p>The file is damaged here. What could still be read is shown.</p>
      <ul className={styles.errors}>
        {errors.map(({ detail }, index) => (
          <li key={index}>{detail}</li>
        ))}
      </ul>
    </Notice>
  );
}

/** Where the elements of the dataset are, if not in this object. */
function Sources({ sources, fileKey }: { sources: LayoutSource[]; fileKey: string }) {
  if (sources.length === 0) return null;
  return (
    <section aria-label="Sources">
      <h2 className={styles.title}>Sources</h2>
      <ul className={styles.sources}>
        {sources.slice(0, SOURCES).map(({ file, dataset }, index) => (
          <li key={index}>
            {dataset === undefined ? (
              nameText(file)
            ) : (
              <Link to={{ key: keyOf(file, fileKey), object: { path: dataset } }}>
                {file === "." ? "" : `${nameText(file)} : `}
                {nameText(dataset)}
              </Link>
            )}
          </li>
        ))}
        {sources.length > SOURCES && <li>… {sources.length - SOURCES} more</li>}
      </ul>
    </section>
  );
}

/** The key of a file that another one names: relative to its folder. */
function keyOf(file: string, fileKey: string): string {
  return file === "." ? fileKey : folderOf(fileKey) + file;
}
