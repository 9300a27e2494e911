import "@h5web/lib/styles.css";

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { targetText, type Preview } from "../api/models";
import { useProvider } from "../api/provider";
import { Asked } from "../shared/Asked";
import { evenEdges, indexAxis, type PictureAxis } from "./axes";
import { cellsOf } from "./conversion";
import { drawingOf, type Beside, type Drawing, type DrawingQuestion } from "./drawing";
import { Figure } from "./Figure";
import { Heatmap, type Side } from "./Heatmap";
import { LinePicture } from "./LinePicture";
import type { Look } from "./look";
import { statisticsWords } from "./statistics";
import { heatmapWords } from "./cellWords";
import type { Part } from "./ZoomByDrag";

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
  const { key, object, selection, view, reading, axes, errors, auxiliaries } = question;
  const drawn = [key, targetText(object), view, selection, reading, axes];
  // Numbers of 64 bits are no part of a key.
  const beside = [errors, ...auxiliaries].map((one) => one && [one.object, one.reading]);
  const queryKey = ["drawing", ...drawn, beside];
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
          errors={errors}
          auxiliaries={auxiliaries}
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
  errors: Beside | null;
  auxiliaries: readonly Beside[];
  isOld: boolean;
  onPart: (part: Part) => void;
}

function Drawn({ drawing, look, errors, auxiliaries, isOld, onPart }: DrawnProps) {
  const { preview } = drawing;
  const caption = [
    statisticsWords(preview, look.conversion),
    drawing.errors && drawing.across.width > 1
      ? "; the errors are drawn where each element is seen"
      : "",
  ].join("");
  return (
    <Figure label={look.label} isBusy={isOld} caption={caption}>
      {drawing.down ? (
        <HeatmapPicture drawing={drawing} look={look} onPart={onPart} />
      ) : (
        <LinePicture {...{ drawing, look, errors, auxiliaries, onPart }} />
      )}
    </Figure>
  );
}

interface HeatmapProps {
  drawing: Drawing;
  look: Look;
  onPart: (part: Part) => void;
}

function HeatmapPicture({ drawing, look, onPart }: HeatmapProps) {
  const numbers = useMemo(() => {
    const { min, mean } = cellsOf(drawing.preview, look.conversion);
    return mean ?? min;
  }, [drawing, look.conversion]);
  const { across, down } = useMemo(
    () => ({
      across: side(drawing.across, drawing.preview.columns),
      down: side(drawing.down ?? indexAxis(null, ""), drawing.preview.rows),
    }),
    [drawing],
  );
  const wordsOf = useMemo(() => heatmapWords(drawing, look.conversion), [drawing, look.conversion]);
  return <Heatmap {...{ numbers, across, down, look, wordsOf, onPart }} />;
}

/** An axis with the edges of its cells; where these are not even, the picture has one of indices. */
function side(axis: PictureAxis, of: Preview["columns"]): Side {
  const edges = evenEdges(axis);
  if (edges) return { axis, edges };
  const indices = indexAxis(of, `index of ${axis.label}, which is not even`);
  return { axis: indices, edges: evenEdges(indices) ?? new Float64Array() };
}
