import { SelectionTool, SvgElement, SvgRect } from "@h5web/lib";
import type { PictureAxis } from "./axes";
import { indicesBetween } from "./axes";
import styles from "./Picture.module.css";
import type { Range } from "./slice";

/** A shorter drag is a click. */
const DRAG_PX_MIN = 8;

/** The library's own ways to zoom show no finer data: these take their place. */
export const NO_INTERACTIONS = {
  pan: false,
  zoom: false,
  xAxisZoom: false,
  yAxisZoom: false,
  selectToZoom: false,
  xSelectToZoom: false,
  ySelectToZoom: false,
} as const;

/** Which part of a picture is wanted: indices across and, where there are rows, down. */
export interface Part {
  across: Range;
  down: Range | null;
}

interface Props {
  across: PictureAxis;
  down: PictureAxis | null;
  onPart: (part: Part) => void;
}

/** A rectangle that is drawn over a picture with the pointer. */
export function ZoomByDrag({ across, down, onPart }: Props) {
  return (
    <SelectionTool
      validate={({ html: [one, other] }) => one.manhattanDistanceTo(other) >= DRAG_PX_MIN}
      onValidSelection={({ data: [one, other] }) => {
        onPart({
          across: indicesBetween(across, one.x, other.x),
          down: down && indicesBetween(down, one.y, other.y),
        });
      }}
    >
      {({ html }, _, isValid) => (
        <SvgElement>
          <SvgRect
            className={styles.part}
            coords={html}
            strokePosition="inside"
            strokeDasharray={isValid ? undefined : 4}
          />
        </SvgElement>
      )}
    </SelectionTool>
  );
}
