import "@h5web/lib/styles.css";

import { CurveType, LineVis, useDomain } from "@h5web/lib";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import ndarray from "ndarray";
import { useMemo } from "react";
import { targetText, type Preview } from "../api/models";
import { useProvider } from "../api/provider";
import { Asked } from "../shared/Asked";
import { evenEdges, indexAxis, type PictureAxis } from "./axes";
import { convertedCells, type Cells, type Conversion } from "./conversion";
import { drawingOf, type Drawing, type DrawingQuestion } from "./drawing";
import { Figure } from "./Figure";
import { Heatmap, type Side } from "./Heatmap";
import { SCALE_TYPES, type Look } from "./look";
import { envelopeOf, numbersOf } from "./numbers";
import styles from "./Picture.module.css";
import { statisticsWords } from "./statistics";
import { NO_INTERACTIONS, ZoomByDrag, type Part } from "./ZoomByDrag";

/** A heatmap has as many cells along each side; a line twice. More is not seen on a screen. */
const CELLS = 256;

interface Props {
  question: Omit<DrawingQuestion, "maxSize">;
  look: Look;
  onPart: (part: Part, drawing: Drawing) => void;
}

/** A line or a heatmap of what a selection looks like. */
export default function Picture({ question, look, onPart }: Props) {
  const provider = useProvider();
  const client = useQueryClient();
  const { key, object, selection, view, missing, axes } = question;
  const queryKey = ["drawing", key, targetText(object), view, selection, missing, axes];
  const drawing = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const maxSize = view === "line" ? 2 * CELLS : CELLS;
      return await drawingOf(provider, client, { ...question, maxSize }, signal);
    },
    // A slider that is moved shows one picture after the other, and no gap between them.
    placeholderData: keepPreviousData,
  });
  return (
    <Asked
      question={drawing}
      waiting="Reading"
      failure="The elements could not be read"
      onCancel={() => void client.cancelQueries({ queryKey })}
    >
      {(drawn) => (
        <Drawn
          drawing={drawn}
          look={look}
          isOld={drawing.isPlaceholderData}
          onPart={(part) => {
            onPart(part, drawn);
          }}
        />
      )}
    </Asked>
  );
}

interface DrawnProps {
  drawing: Drawing;
  look: Look;
  isOld: boolean;
  onPart: (part: Part) => void;
}

function Drawn({ drawing, look, isOld, onPart }: DrawnProps) {
  const { preview } = drawing;
  const { conversion } = look;
  const cells = useMemo(() => cellsOf(preview, conversion), [preview, conversion]);
  const Vis = drawing.down ? HeatmapPicture : LinePicture;
  return (
    <Figure label={look.label} isBusy={isOld} caption={statisticsWords(preview, conversion)}>
      <Vis drawing={drawing} cells={cells} look={look} onPart={onPart} />
    </Figure>
  );
}

function cellsOf({ min, max, mean }: Preview, conversion: Conversion | null): Cells {
  const stored = {
    min: numbersOf(min),
    max: numbersOf(max),
    mean: mean === undefined ? null : numbersOf(mean),
  };
  return conversion ? convertedCells(conversion, stored) : stored;
}

interface VisProps {
  drawing: Drawing;
  cells: Cells;
  look: Look;
  onPart: (part: Part) => void;
}

function LinePicture({ drawing: { across }, cells, look, onPart }: VisProps) {
  const { at, array } = useMemo(() => {
    const { at, values } = envelopeOf(across, cells.min, cells.max);
    return { at, array: ndarray(values) };
  }, [across, cells]);
  const scale = SCALE_TYPES[look.scale];
  const domain = useDomain(array, { scaleType: scale });
  return (
    <LineVis
      className={styles.vis}
      dataArray={array}
      domain={domain}
      scaleType={scale}
      curveType={CurveType.LineOnly}
      showGrid
      interactions={NO_INTERACTIONS}
      abscissaParams={{ value: at, label: across.label }}
      ordinateLabel={look.label}
    >
      <ZoomByDrag across={across} down={null} onPart={onPart} />
    </LineVis>
  );
}

function HeatmapPicture({ drawing, cells, look, onPart }: VisProps) {
  const { across, down } = useMemo(
    () => ({
      across: side(drawing.across, drawing.preview.columns),
      down: side(drawing.down ?? indexAxis(null, ""), drawing.preview.rows),
    }),
    [drawing],
  );
  const numbers = cells.mean ?? cells.min;
  return <Heatmap numbers={numbers} across={across} down={down} look={look} onPart={onPart} />;
}

/** An axis with the edges of its cells; where these are not even, the picture has one of indices. */
function side(axis: PictureAxis, of: Preview["columns"]): Side {
  const edges = evenEdges(axis);
  if (edges) return { axis, edges };
  const indices = indexAxis(of, `index of ${axis.label}, which is not even`);
  return { axis: indices, edges: evenEdges(indices) ?? new Float64Array() };
}
