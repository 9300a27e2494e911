import { CurveType, LineVis, useDomain } from "@h5web/lib";
import ndarray from "ndarray";
import { useMemo } from "react";
import { Legend } from "./Legend";
import { linesOf, type Beside, type Drawing } from "./drawing";
import { SCALE_TYPES, type Look } from "./look";
import styles from "./Picture.module.css";
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
  const { at, array, bars, beside, ends } = useMemo(() => {
    const { at, values, bars, beside } = linesOf(drawing, look.conversion, errors, auxiliaries);
    return {
      at,
      array: ndarray(values),
      bars: bars ? { errorsArray: ndarray(bars) } : {},
      beside: beside.map(({ label, values }) => ({
        ...{ label, array: ndarray(values), visible: true },
      })),
      // Where the ends of bars and the other lines lie belongs to the picture, too.
      ends: [values, ...beside.map(({ values }) => values), ...endsOf(values, bars)].flatMap(
        (numbers) => Array.from(numbers),
      ),
    };
  }, [drawing, look.conversion, errors, auxiliaries]);
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
        curveType={CurveType.LineOnly}
        showGrid
        interactions={NO_INTERACTIONS}
        abscissaParams={{ value: at, label: across.label }}
        ordinateLabel={look.label}
        auxiliaries={beside}
        {...bars}
      >
        <ZoomByDrag across={across} down={null} onPart={onPart} />
      </LineVis>
    </div>
  );
}

function endsOf(values: Float64Array, bars: Float64Array | null): Float64Array[] {
  if (!bars) return [];
  const end = (sign: number) => values.map((value, at) => value + sign * (bars[at] ?? NaN));
  return [end(1), end(-1)];
}
