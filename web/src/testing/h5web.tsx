import type { ReactNode } from "react";

/** In the place of the pictures, which need a graphics card: what they were given to draw. */

export enum ScaleType {
  Linear = "linear",
  Log = "log",
  SymLog = "symlog",
}
export enum CurveType {
  LineOnly = "OnlyLine",
  LineAndGlyphs = "LineAndGlyphs",
}

interface Numbers {
  data: ArrayLike<number>;
  shape: readonly number[];
}

interface Drawn {
  dataArray: Numbers;
  errorsArray?: Numbers;
  auxiliaries?: { label: string; array: Numbers }[];
  abscissaParams?: Side;
  ordinateParams?: Side;
  aspect?: string;
  curveType?: CurveType;
  renderTooltip?: (at: { xi: number }) => ReactNode;
  children?: ReactNode;
}

interface Side {
  label?: string;
  value?: ArrayLike<number>;
}

function stub(kind: string) {
  return function Stub(drawn: Drawn) {
    const { dataArray, errorsArray, auxiliaries = [], children } = drawn;
    const { abscissaParams, ordinateParams, aspect } = drawn;
    const sides = [abscissaParams, ordinateParams].map((side) =>
      side ? `${side.label ?? ""} ${Array.from(side.value ?? []).join(" ")}` : "",
    );
    const text = ({ data }: Numbers) => Array.from(data).join(" ");
    const errors = errorsArray ? [`± ${text(errorsArray)}`] : [];
    const beside = auxiliaries.map(({ label, array }) => `${label}: ${text(array)}`);
    return (
      <>
        <div
          role="img"
          data-aspect={aspect}
          data-curve={drawn.curveType}
          aria-label={`${kind} of ${dataArray.shape.join(" × ")}`}
        >
          {[text(dataArray), ...sides, ...errors, ...beside].join(" | ")}
        </div>
        {/* Of the second place. */}
        {drawn.renderTooltip && <div role="tooltip">{drawn.renderTooltip({ xi: 1 })}</div>}
        {children}
      </>
    );
  };
}

export const LineVis = stub("line");
export const RgbVis = stub("image");
export const ScatterVis = stub("points");

const Mesh = stub("heatmap");
export const HeatmapMesh = ({ values }: { values: Drawn["dataArray"] }) => (
  <Mesh dataArray={values} />
);
export const VisCanvas = ({ children, aspect }: { children: ReactNode; aspect: string }) => (
  <div data-aspect={aspect}>{children}</div>
);
/** Of the place with the coordinates 1 and 2. */
export const TooltipMesh = ({ renderTooltip }: TooltipProps) => (
  <div role="tooltip">{renderTooltip(1, 2)}</div>
);
export const ColorBar = () => null;

export const useAxisDomain = () => [0, 1];
export const useDomain = () => [0, 1];

interface TooltipProps {
  renderTooltip: (x: number, y: number) => ReactNode;
}

interface SelectionProps {
  onValidSelection: (selection: { data: { x: number; y: number }[] }) => void;
}

/** A drag over the indices 1 to 3, in both directions. */
export function SelectionTool({ onValidSelection }: SelectionProps) {
  const data = [
    { x: 1, y: 1 },
    { x: 3, y: 3 },
  ];
  return (
    <button
      onClick={() => {
        onValidSelection({ data });
      }}
    >
      drag
    </button>
  );
}

export const SvgElement = () => null;
export const SvgRect = () => null;
