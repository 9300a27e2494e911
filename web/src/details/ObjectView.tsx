import { targetText, type MetaAnswer } from "../api/models";
import { useMeta } from "../api/useMeta";
import { Link } from "../router/Link";
import { VIEWS, type Place, type View } from "../router/place";
import { Asked } from "../shared/Asked";
import { CopyButton } from "../shared/CopyButton";
import { DataView } from "../viewer/DataView";
import { GroupPlot } from "../viewer/GroupPlot";
import { mayPlot } from "../viewer/nexus";
import { isWorthLooking } from "../viewer/shows";
import { Details } from "./Details";
import styles from "./ObjectView.module.css";
import { PathLinks } from "./PathLinks";
import { RawJson } from "./RawJson";
import { Snippets } from "./Snippets";
import { summaryOf } from "./summary";

const VIEW_WORDS: Record<View, string> = {
  details: "Details",
  data: "Data",
  json: "JSON",
  code: "Code",
};

/** One object of a file, in the view that the place says. */
export function ObjectView({ fileKey, place }: { fileKey: string; place: Place }) {
  const { object } = place;
  const { meta, cancel } = useMeta(fileKey, object);
  const view = place.view ?? suited(meta.data);
  return (
    <main className={styles.view}>
      <header className={styles.head}>
        <div className={styles.title}>
          <h1 className={styles.path}>
            <PathLinks fileKey={fileKey} object={object} />
          </h1>
          <CopyButton label="Copy the path" text={() => targetText(object)} />
        </div>
        <nav className={styles.views} aria-label="Views">
          {VIEWS.filter((name) => name !== "data" || hasElements(meta.data)).map((name) => (
            <Link
              key={name}
              to={{ ...place, view: name }}
              aria-current={name === view ? "page" : undefined}
              className={styles.tab}
            >
              {VIEW_WORDS[name]}
            </Link>
          ))}
        </nav>
      </header>
      <div className={styles.body} key={targetText(object)}>
        <Asked
          question={meta}
          waiting="Reading"
          failure="This object could not be read"
          onCancel={cancel}
        >
          {(answer) => <Shown fileKey={fileKey} place={place} view={view} answer={answer} />}
        </Asked>
      </div>
    </main>
  );
}

interface ShownProps {
  fileKey: string;
  place: Place;
  view: View;
  answer: MetaAnswer;
}

function Shown({ fileKey, place, view, answer }: ShownProps) {
  const { object } = place;
  const { metadata } = answer;
  const details = <Details fileKey={fileKey} object={object} answer={answer} />;
  switch (view) {
    case "details":
      return details;
    case "data":
      if (metadata.type === "group") {
        return <GroupPlot fileKey={fileKey} group={object} place={place} otherwise={details} />;
      }
      if (metadata.type !== "dataset") return details;
      return (
        <div className={styles.data}>
          <p className={styles.summary}>{summaryOf(metadata)}</p>
          <DataView fileKey={fileKey} object={object} metadata={metadata} place={place} />
        </div>
      );
    case "json":
      return <RawJson fileKey={fileKey} object={object} />;
    case "code":
      return <Snippets fileKey={fileKey} object={object} metadata={metadata} slice={place.slice} />;
  }
}

function hasElements(answer: MetaAnswer | undefined): boolean {
  if (answer?.metadata.type === "group") return mayPlot(answer.metadata.attributes);
  return answer?.metadata.type === "dataset";
}

/** What is best seen of an object first: its elements, if it has some worth a picture or a table. */
function suited(answer: MetaAnswer | undefined): View {
  if (answer?.metadata.type === "dataset") {
    return isWorthLooking(answer.metadata) ? "data" : "details";
  }
  return hasElements(answer) ? "data" : "details";
}
