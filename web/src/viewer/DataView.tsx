import { lazy, Suspense } from "react";
import type { DatasetMetadata, Target } from "../api/models";
import { Link } from "../router/Link";
import type { Place, Show } from "../router/place";
import { Contained } from "../shared/Contained";
import { Waiting } from "../shared/Waiting";
import styles from "./DataView.module.css";
import { Dimensions } from "./Dimensions";
import { Downloads } from "./Downloads";
import { ElementTable } from "./ElementTable";
import { Looks } from "./Looks";
import { membersOf, sliceText } from "./slice";

/** The pictures are a large part of the page: they come when one is looked at. */
const Picture = lazy(async () => await import("./Picture"));

const SHOW_WORDS: Record<Show, string> = { table: "Table", line: "Line", heatmap: "Heatmap" };
/** How many dimensions are shown from end to end. */
const AXES: Record<Show, number> = { table: 2, line: 1, heatmap: 2 };

interface Props {
  fileKey: string;
  object: Target;
  metadata: DatasetMetadata;
  place: Place;
}

/** The elements of a dataset: as numbers and words, or as a picture. */
export function DataView({ fileKey, object, metadata, place }: Props) {
  const { shape } = metadata;
  if (!shape) return <p className={styles.none}>The dataset has no elements: its shape is null.</p>;
  if (shape.some((size) => Number(size) === 0)) {
    return <p className={styles.none}>The dataset has no elements yet.</p>;
  }
  const shows = showsOf(metadata);
  const show = shows.find((name) => name === place.show) ?? shows[0] ?? "table";
  const members = membersOf(place.slice, shape, Math.min(AXES[show], shape.length));
  const slice = sliceText(members, shape);
  const here = { ...place, key: fileKey, object, slice };
  const question = { key: fileKey, object, selection: slice };
  return (
    <div className={styles.view}>
      <div className={styles.bar}>
        {shows.length > 1 && (
          <nav className={styles.shows} aria-label="How the elements are shown">
            {shows.map((name) => (
              <Link
                key={name}
                to={{ ...here, show: name }}
                aria-current={name === show ? "true" : undefined}
                className={styles.show}
              >
                {SHOW_WORDS[name]}
              </Link>
            ))}
          </nav>
        )}
        {show !== "table" && <Looks place={here} hasColours={show === "heatmap"} />}
        <Downloads question={question} dimensions={members.length} />
      </div>
      {shape.length > 0 && <Dimensions place={here} shape={shape} members={members} />}
      {show === "table" ? (
        <ElementTable key={slice} question={question} members={members} metadata={metadata} />
      ) : (
        <Contained key={show} failure="The picture could not be drawn">
          <Suspense fallback={<Waiting what="Reading the pictures" />}>
            <Picture
              question={{ ...question, view: show }}
              scale={place.scale}
              colours={place.colours}
            />
          </Suspense>
        </Contained>
      )}
    </div>
  );
}

/** The ways that suit a dataset, the best one first. */
function showsOf({ shape, datatype }: DatasetMetadata): Show[] {
  const isNumber = datatype?.class === "integer" || datatype?.class === "float";
  if (!isNumber || !shape || shape.length === 0) return ["table"];
  return shape.length === 1 ? ["line", "table"] : ["heatmap", "line", "table"];
}
