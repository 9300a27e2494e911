import { CurveType, LineVis, useDomain } from "@h5web/lib";
import ndarray from "ndarray";
import { useMemo } from "react";
import { Legend } from "./Legend";
import { linesOf, type Beside, type Drawing, type Lines } from "./drawing";
import { SCALE_TYPES, type Look } from "./look";
import { hasLonely } from "./numbers";
import styles from "./Picture.module.css";
import { Tooltip } from "./Tooltip";
import { lineWords } from "./cellWords";
import { NO_INTERACTIONS, ZoomByDrag, type Part } from "./ZoomByDrag";

interface Props {
  drawing: Drawing;
  look: Look;
  /** What the previews beside the drawing's own are of. */
  errors: Beside | null;
  auxiliaries: readonly Beside[];
  onPart: (part: Part) => void;
}

/** Numbers as a line, with their errors and with further lines. */
export function LinePicture({ drawing, look, errors, auxiliaries, onPart }: Props) {
  const { across } = drawing;
  const lines = useMemo(
    () => linesOf(drawing, look.conversion, errors, auxiliaries),
    [drawing, look.conversion, errors, auxiliaries],
  );
  const { array, bars, beside, ends, isDotted } = useMemo(() => arraysOf(lines), [lines]);
  const wordsOf = lineWords(drawing, look.conversion, lines.bars, auxiliaries);
  const scale = SCALE_TYPES[look.scale];
  const domain = useDomain(ends, { scaleType: scale });
  return (
    <div className={styles.lines}>
      {beside.length > 0 && <Legend labels={[look.label, ...beside.map(({ label }) => label)]} />}
      <LineVis
        className={styles.vis}
        dataArray={array}
        domain={domain}
        scaleType={scale}
        curveType={isDotted ? CurveType.LineAndGlyphs : CurveType.LineOnly}
        showGrid
        interactions={NO_INTERACTIONS}
        abscissaParams={{ value: lines.at, label: across.label }}
        ordinateLabel={look.label}
        auxiliaries={beside}
        renderTooltip={({ xi }) => (
          // A cell of many elements has two places on the line.
          <Tooltip words={wordsOf(across.width > 1 ? Math.floor(xi / 2) : xi)} />
        )}
        {...bars}
      >
        <ZoomByDrag across={across} down={null} onPart={onPart} />
      </LineVis>
    </div>
  );
}

function arraysOf({ values, bars, beside }: Lines) {
  const end = (sign: number) => values.map((value, at) => value + sign * (bars?.[at] ?? NaN));
  // Where the ends of bars and the other lines lie belongs to the picture, too.
  const lines = [values, ...beside.map(({ values }) => values)];
  return {
    array: ndarray(values),
    bars: bars ? { errorsArray: ndarray(bars) } : {},
    beside: beside.map(({ label, values }) => ({ label, array: ndarray(values), visible: true })),
    isDotted: lines.some(hasLonely),
    ends: [...lines, end(1), end(-1)].flatMap((numbers) => Array.from(numbers)),
  };
}
