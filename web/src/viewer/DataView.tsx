import { lazy, Suspense } from "react";
import type { DatasetMetadata, Target } from "../api/models";
import { Link } from "../router/Link";
import { goTo, type Aspect, type Place, type Show } from "../router/place";
import { Contained } from "../shared/Contained";
import { Notice } from "../shared/Notice";
import { Waiting } from "../shared/Waiting";
import { dimensionScales } from "./axes";
import { floatOfComplex } from "./complex";
import { conversionOf } from "./conversion";
import styles from "./DataView.module.css";
import { Dimensions } from "./Dimensions";
import { Downloads } from "./Downloads";
import { besideOf, besidesOf, drawnOf } from "./drawn";
import { ElementTable } from "./ElementTable";
import { Looks } from "./Looks";
import type { Field } from "./nexus";
import { colourDimension, isImage } from "./pixels";
import { AXES, SHOW_WORDS, showsOf } from "./shows";
import { membersOf, sliceText, withRange, type Member } from "./slice";
import { hasWebGl } from "./webgl";

/** The pictures are a large part of the page: they come when one is looked at. */
const Pictures = {
  Plain: lazy(async () => await import("./Picture")),
  Image: lazy(async () => await import("./ImagePicture")),
  Points: lazy(async () => await import("./PointsPicture")),
};

interface Props {
  fileKey: string;
  object: Target;
  metadata: DatasetMetadata;
  place: Place;
  /** Datasets that say where the elements of each dimension lie; else those that HDF5 names. */
  axes?: readonly (Target | null)[] | undefined;
  /** Where the elements are points: what lies across, and what upwards. */
  points?: readonly [Target, Target] | null;
  /** How far each element may be off, and what is drawn beside a line. */
  errors?: Field | null;
  auxiliaries?: readonly Field[];
}

/** The elements of a dataset: as numbers and words, or as a picture. */
export function DataView(props: Props) {
  const { fileKey, object, metadata, place, points = null } = props;
  const { shape, attributes } = metadata;
  if (!shape) return <p className={styles.none}>The dataset has no elements: its shape is null.</p>;
  if (shape.some((size) => Number(size) === 0)) {
    return <p className={styles.none}>The dataset has no elements yet.</p>;
  }
  const shows = showsOf(metadata, points !== null);
  const show = shows.find((name) => name === place.show) ?? shows[0] ?? "table";
  const colours = show === "image" ? colourDimension(metadata) : null;
  const members = membersOf(place.slice, shape, Math.min(AXES[show], shape.length), colours);
  const slice = sliceText(members, shape);
  const here = { ...place, slice };
  const question = { key: fileKey, object, selection: slice };
  const conversion = conversionOf(metadata);
  const axes = props.axes ?? dimensionScales(attributes);
  const names = axes.map((axis) => axis?.path?.split("/").at(-1));
  const isPicture = show !== "table";
  const isComplex = floatOfComplex(metadata.datatype) !== null;
  return (
    <div className={styles.view}>
      <div className={styles.bar}>
        {shows.length > 1 && <Shows shows={shows} show={show} place={here} />}
        <Looks
          place={here}
          hasComplex={isPicture && isComplex}
          hasScale={isPicture && show !== "image"}
          hasColours={show === "heatmap" || show === "points"}
          aspect={suitedAspect(show, metadata)}
          hasConversion={conversion !== null && show !== "image"}
        />
        <Downloads question={question} />
      </div>
      {shape.length > 0 && show !== "points" && (
        <Dimensions place={here} shape={shape} members={members} fixed={colours} names={names} />
      )}
      {isPicture && !hasWebGl() && <NoPictures place={here} />}
      {isPicture && hasWebGl() && (
        <Contained key={show} failure="The picture could not be drawn">
          <Suspense fallback={<Waiting what="Reading the pictures" />}>
            <Pictured {...props} axes={axes} place={here} show={show} members={members} />
          </Suspense>
        </Contained>
      )}
      {!isPicture && (
        <ElementTable
          key={slice}
          question={question}
          members={members}
          metadata={metadata}
          conversion={place.isRaw ? null : conversion}
        />
      )}
    </div>
  );
}

function NoPictures({ place }: { place: Place }) {
  return (
    <Notice action={<Link to={{ ...place, show: "table" }}>Show the table</Link>}>
      Pictures need WebGL 2. This browser has none, or it is switched off with the acceleration by
      the graphics card.
    </Notice>
  );
}

function Shows({ shows, show, place }: { shows: Show[]; show: Show; place: Place }) {
  return (
    <nav className={styles.shows} aria-label="How the elements are shown">
      {shows.map((name) => (
        <Link
          key={name}
          to={{ ...place, show: name }}
          aria-current={name === show ? "true" : undefined}
          className={styles.show}
        >
          {SHOW_WORDS[name]}
        </Link>
      ))}
    </nav>
  );
}

interface PicturedProps extends Props {
  show: Exclude<Show, "table">;
  members: readonly Member[];
}

function Pictured({ fileKey, object, metadata, place, show, members, ...more }: PicturedProps) {
  const shape = metadata.shape ?? [];
  const question = { key: fileKey, object, selection: place.slice };
  const name = (metadata.path ?? "").split("/").at(-1) ?? "";
  const { label, reading, conversion } = drawnOf(metadata, name, place);
  const look = {
    label,
    scale: place.scale,
    colours: place.colours,
    aspect: place.aspect ?? suitedAspect(show, metadata) ?? "auto",
    conversion,
  };
  const goToPart = (ranges: { dimension: number; start: number; stop: number }[]) => {
    const narrowed = ranges.reduce(
      (members, { dimension, ...range }) => withRange(members, shape, dimension, range),
      members,
    );
    // Back leads out of it again.
    goTo({ ...place, slice: sliceText(narrowed, shape) });
  };
  if (show === "points" && more.points) {
    return <Pictures.Points question={question} points={more.points} look={look} />;
  }
  if (show === "image") {
    return (
      <Pictures.Image
        question={question}
        metadata={metadata}
        members={members}
        label={look.label}
        aspect={look.aspect}
        onPart={goToPart}
      />
    );
  }
  return (
    <Pictures.Plain
      question={{
        ...question,
        view: show === "heatmap" ? "heatmap" : "line",
        reading,
        axes: more.axes ?? [],
        // How far complex numbers are off says nothing of one of their parts.
        errors: more.errors && !reading.complex ? besideOf(more.errors, place) : null,
        auxiliaries: besidesOf(more.auxiliaries ?? [], place),
        shape,
      }}
      look={look}
      onPart={(part, { preview: { rows, columns } }) => {
        const across = columns && { dimension: Number(columns.dimension), ...part.across };
        const down = rows && part.down && { dimension: Number(rows.dimension), ...part.down };
        goToPart([across, down].filter((range) => range != null));
      }}
    />
  );
}

/** Pixels are squares; numbers take the room that there is. Null for what has no aspect. */
function suitedAspect(show: Show, metadata: DatasetMetadata): Aspect | null {
  if (show === "image") return "equal";
  if (show !== "heatmap") return null;
  return isImage(metadata) && colourDimension(metadata) === null ? "equal" : "auto";
}
