import { useQuery, useQueryClient } from "@tanstack/react-query";
import { targetText, type MetaAnswer, type Target } from "../api/models";
import { ATTRIBUTES_LIMIT, useProvider } from "../api/provider";
import { Link } from "../router/Link";
import { VIEWS, type Place, type View } from "../router/place";
import { Asked } from "../shared/Asked";
import { CopyButton } from "../shared/CopyButton";
import { DataView } from "../viewer/DataView";
import { Details } from "./Details";
import styles from "./ObjectView.module.css";
import { PathLinks } from "./PathLinks";
import { RawJson } from "./RawJson";
import { Snippets } from "./Snippets";

const VIEW_WORDS: Record<View, string> = {
  details: "Details",
  data: "Data",
  json: "JSON",
  code: "Code",
};

/** One object of a file, in the view that the place says. */
export function ObjectView({ fileKey, place }: { fileKey: string; place: Place }) {
  const { object, view } = place;
  const { meta, cancel } = useMeta(fileKey, object);
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
              to={{ key: fileKey, object, view: name }}
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
          {(answer) => <Shown fileKey={fileKey} place={place} answer={answer} />}
        </Asked>
      </div>
    </main>
  );
}

function Shown({ fileKey, place, answer }: { fileKey: string; place: Place; answer: MetaAnswer }) {
  switch (place.view) {
    case "details":
      return <Details fileKey={fileKey} object={place.object} answer={answer} />;
    case "data":
      if (answer.metadata.type !== "dataset") {
        return <p>Only datasets have elements.</p>;
      }
      return (
        <DataView
          fileKey={fileKey}
          object={place.object}
          metadata={answer.metadata}
          place={place}
        />
      );
    case "json":
      return <RawJson fileKey={fileKey} object={place.object} />;
    case "code":
      return <Snippets fileKey={fileKey} object={place.object} metadata={answer.metadata} />;
  }
}

function hasElements(answer: MetaAnswer | undefined): boolean {
  return answer?.metadata.type === "dataset";
}

/** What an object is. Leaving it before it is there gives the question up. */
export function useMeta(key: string, object: Target) {
  const provider = useProvider();
  const client = useQueryClient();
  const queryKey = ["meta", key, targetText(object)];
  const meta = useQuery({
    queryKey,
    queryFn: async ({ signal }) =>
      await provider.meta({ key, object, attributesLimit: ATTRIBUTES_LIMIT }, signal),
  });
  return { meta, cancel: () => void client.cancelQueries({ queryKey }) };
}
