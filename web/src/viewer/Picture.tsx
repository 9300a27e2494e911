import "@h5web/lib/styles.css";

import {
  CurveType,
  HeatmapVis,
  LineVis,
  ScaleType,
  useDomain,
  type AxisScaleType,
} from "@h5web/lib";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import ndarray from "ndarray";
import { useMemo } from "react";
import { targetText, type Preview } from "../api/models";
import { useProvider, type PreviewQuestion } from "../api/provider";
import type { Colours, Scale } from "../router/place";
import { Asked } from "../shared/Asked";
import { countText } from "../shared/format";
import { envelopeOf, numbersOf } from "./numbers";
import styles from "./Picture.module.css";

/** A heatmap has as many cells along each side; a line twice. More is not seen on a screen. */
const CELLS = 256;

const SCALE_TYPES: Record<Scale, AxisScaleType> = {
  linear: ScaleType.Linear,
  log: ScaleType.Log,
  symlog: ScaleType.SymLog,
};

interface Props {
  question: Omit<PreviewQuestion, "maxSize">;
  scale: Scale;
  colours: Colours;
}

/** A line or a heatmap of what a selection looks like. */
export default function Picture({ question, scale, colours }: Props) {
  const provider = useProvider();
  const { key, object, selection, view } = question;
  const preview = useQuery({
    queryKey: ["preview", key, targetText(object), view, selection],
    queryFn: async ({ signal }) => {
      const maxSize = view === "line" ? 2 * CELLS : CELLS;
      const { preview } = await provider.preview({ ...question, maxSize }, signal);
      return preview;
    },
    // A slider that is moved shows one picture after the other, and no gap between them.
    placeholderData: keepPreviousData,
  });
  return (
    <Asked question={preview} waiting="Reading" failure="The elements could not be read">
      {(shown) => (
        <figure className={styles.figure} aria-busy={preview.isPlaceholderData}>
          <div className={styles.canvas}>
            {shown.view === "line" ? (
              <LinePicture preview={shown} scale={SCALE_TYPES[scale]} />
            ) : (
              <HeatmapPicture preview={shown} scale={SCALE_TYPES[scale]} colours={colours} />
            )}
          </div>
          <figcaption className={styles.caption}>{wordsOf(shown)}</figcaption>
        </figure>
      )}
    </Asked>
  );
}

function LinePicture({ preview, scale }: { preview: Preview; scale: AxisScaleType }) {
  const { at, array } = useMemo(() => {
    const [min, max] = [numbersOf(preview.min), numbersOf(preview.max)];
    const { at, values } = envelopeOf(axisOf(preview.columns), min, max);
    return { at, array: ndarray(values) };
  }, [preview]);
  const domain = useDomain(array, { scaleType: scale });
  return (
    <LineVis
      className={styles.vis}
      dataArray={array}
      domain={domain}
      scaleType={scale}
      curveType={CurveType.LineOnly}
      showGrid
      abscissaParams={{ value: at, label: `Dimension ${String(preview.columns?.dimension)}` }}
    />
  );
}

interface HeatmapProps {
  preview: Preview;
  scale: AxisScaleType;
  colours: Colours;
}

function HeatmapPicture({ preview, scale, colours }: HeatmapProps) {
  const { rows, columns, mean } = preview;
  // The same arrays as long as the preview is the same: they go to the graphics card.
  const picture = useMemo(() => {
    const shape = [Number(rows?.cells ?? 1), Number(columns?.cells ?? 1)];
    return {
      array: ndarray(numbersOf(mean), shape),
      down: edgesOf(rows),
      across: edgesOf(columns),
    };
  }, [rows, columns, mean]);
  const domain = useDomain(picture.array, { scaleType: scale });
  return (
    <HeatmapVis
      className={styles.vis}
      dataArray={picture.array}
      domain={domain}
      scaleType={scale}
      colorMap={colours}
      aspect="auto"
      abscissaParams={{
        value: picture.across,
        label: `Dimension ${String(columns?.dimension)}`,
      }}
      ordinateParams={{ value: picture.down, label: `Dimension ${String(rows?.dimension)}` }}
      // As in the file: the first row is above the others.
      flipYAxis
    />
  );
}

type Axis = Preview["columns"];

function axisOf(axis: Axis): { start: number; step: number; count: number; cells: number } {
  const { start = 0, step = 1, count = 1, cells = 1 } = axis ?? {};
  return { start: Number(start), step: Number(step), count: Number(count), cells: Number(cells) };
}

/** Where the cells of an axis begin, and where the last one ends. */
function edgesOf(axis: Axis): number[] {
  const { start, step, count, cells } = axisOf(axis);
  const width = (count * step) / cells;
  return Array.from({ length: cells + 1 }, (_, cell) => start + cell * width);
}

/** The picture in words: what it cannot show, and what those read who see no pictures. */
function wordsOf({ statistics, read }: Preview): string {
  if (!statistics) return "";
  const { count, nan_count, min, max, mean, std, sampled } = statistics;
  const words = [
    `${countText(count)} numbers${sampled ? " taken evenly" : ""}`,
    `from ${numberText(min)} to ${numberText(max)}`,
    `mean ${numberText(mean)} ± ${numberText(std)}`,
  ];
  if (Number(nan_count) > 0) words.push(`${countText(nan_count)} NaN`);
  if (sampled) words.push(`of ${countText(read.elements_selected)} selected`);
  return words.join(", ");
}

function numberText(value: unknown): string {
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  // Integers that a number would round, and "Infinity".
  return typeof value === "bigint" || typeof value === "string" ? String(value) : "–";
}
