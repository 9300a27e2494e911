import {
  ColorBar,
  HeatmapMesh,
  TooltipMesh,
  useAxisDomain,
  useDomain,
  VisCanvas,
} from "@h5web/lib";
import ndarray from "ndarray";
import { useMemo } from "react";
import type { PictureAxis } from "./axes";
import { SCALE_TYPES, type Look } from "./look";
import styles from "./Picture.module.css";
import { Tooltip } from "./Tooltip";
import type { CellWords } from "./cellWords";
import { ZoomByDrag, type Part } from "./ZoomByDrag";

/** What has no colour is seen through: `HeatmapVis` would paint it white, on whatever ground. */
const NO_COLOUR = "rgba(0, 0, 0, 0)";

export interface Side {
  axis: PictureAxis;
  /** Of its cells, one more than these. */
  edges: Float64Array;
}

interface Props {
  numbers: Float64Array;
  across: Side;
  down: Side;
  look: Look;
  wordsOf: (row: number, column: number) => CellWords;
  onPart: (part: Part) => void;
}

/** Numbers as colours. */
export function Heatmap({ numbers, across, down, look, wordsOf, onPart }: Props) {
  const [rows, columns] = [down.axis.from.length, across.axis.from.length];
  // The same array as long as the numbers are the same: it goes to the graphics card.
  const values = useMemo(
    () => ndarray(Float32Array.from(numbers), [rows, columns]),
    [numbers, rows, columns],
  );
  const scaleType = SCALE_TYPES[look.scale];
  const domain = useDomain(values, { scaleType }) ?? [0.1, 1];
  const acrossDomain = useAxisDomain(across.edges) ?? [0, 1];
  const downDomain = useAxisDomain(down.edges) ?? [0, 1];
  const isFalling = (down.edges[0] ?? 0) > (down.edges.at(-1) ?? 0);
  // Of indices the first row is above the others, as in a table; of numbers the greatest.
  const flip = down.axis.isOfIndices || isFalling;
  const colours = { domain, scaleType, colorMap: look.colours, invertColorMap: false };
  return (
    <div className={styles.heatmap}>
      <VisCanvas
        aspect={look.aspect}
        abscissaConfig={{ visDomain: acrossDomain, label: across.axis.label }}
        ordinateConfig={{ visDomain: downDomain, label: down.axis.label, flip }}
      >
        <TooltipMesh
          guides="both"
          renderTooltip={(x, y) => {
            const [column, row] = [cellAt(across.edges, x), cellAt(down.edges, y)];
            // True to its sides, a picture has room beside it.
            if (row === null || column === null) return undefined;
            return <Tooltip words={wordsOf(row, column)} />;
          }}
        />
        <HeatmapMesh
          {...colours}
          values={values}
          badColor={NO_COLOUR}
          scale={[1, flip ? -1 : 1, 1]}
        />
        <ZoomByDrag across={across.axis} down={down.axis} onPart={onPart} />
      </VisCanvas>
      <ColorBar {...colours} withBounds />
    </div>
  );
}

/** The cell that a place is in, between even edges; null for what is beside all of them. */
function cellAt(edges: Float64Array, place: number): number | null {
  const [first = 0, last = 1] = [edges[0], edges.at(-1)];
  const cells = edges.length - 1;
  const cell = Math.floor(((place - first) / (last - first)) * cells);
  return cell >= 0 && cell < cells ? cell : null;
}
