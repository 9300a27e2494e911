import { ScaleType, type AxisScaleType } from "@h5web/lib";
import type { Aspect, Colours, Scale } from "../router/place";
import type { Conversion } from "./conversion";

export const SCALE_TYPES: Record<Scale, AxisScaleType> = {
  linear: ScaleType.Linear,
  log: ScaleType.Log,
  symlog: ScaleType.SymLog,
};

/** What a picture looks like. */
export interface Look {
  /** What is drawn, with its unit. */
  label: string;
  scale: Scale;
  colours: Colours;
  aspect: Aspect;
  conversion: Conversion | null;
}
