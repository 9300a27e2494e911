import type { QueryClient } from "@tanstack/react-query";
import { targetText, type DatasetMetadata, type MetaAnswer, type Preview } from "../api/models";
import type { Target } from "../api/models";
import {
  ATTRIBUTES_LIMIT,
  type PreviewQuestion,
  type Provider,
  type Reading,
} from "../api/provider";
import { coordinateAxis, indexAxis, type Coordinates, type PictureAxis } from "./axes";
import { labelOf } from "./attributes";
import { floatOfComplex } from "./complex";
import { cellsOf, conversionOf, isNone, type Conversion } from "./conversion";
import type { Drawn } from "./drawn";
import { envelopeOf, numbersOf } from "./numbers";

/** What an axis is, as long as nobody asks for a file anew. */
const AXIS_FRESH_MS = 60_000;

/** All that a line or a heatmap is drawn from. */
export interface Drawing {
  preview: Preview;
  across: PictureAxis;
  /** Of a heatmap. */
  down: PictureAxis | null;
  /** Of a line: the same cells of its errors; null where there are none, or they cannot be read. */
  errors: Preview | null;
  /** Of a line: the same cells of what is drawn beside it. */
  auxiliaries: readonly (Preview | null)[];
}

/** A dataset of the same shape as the one that is drawn. */
export interface Beside extends Drawn {
  object: Target;
}

/** A picture that is asked for, and the datasets that say where its elements lie. */
export interface DrawingQuestion extends PreviewQuestion {
  axes: readonly (Target | null)[];
  shape: readonly (number | bigint)[];
  errors: Beside | null;
  auxiliaries: readonly Beside[];
}

/** Reads a preview and, at the same time, what its axes are. An axis that fails is one of indices. */
export async function drawingOf(
  provider: Provider,
  client: QueryClient,
  question: DrawingQuestion,
  signal: AbortSignal,
): Promise<Drawing> {
  const ask = new AxisReader(provider, client, question);
  const besideOf = async (beside: Beside | null): Promise<Preview | null> => {
    if (!beside || question.view !== "line") return null;
    const { object, reading } = beside;
    const answer = provider.preview({ ...question, object, reading }, signal);
    // What is damaged is missing in the picture; what is given up is so with the picture.
    return await answer.then(({ preview }) => preview).catch(() => null);
  };
  const [{ preview }, sides, errors, ...auxiliaries] = await Promise.all([
    provider.preview(question, signal),
    ask.shownAxes(),
    besideOf(question.errors),
    ...question.auxiliaries.map(besideOf),
  ]);
  // Of large datasets with other chunks other parts are read.
  const fits = (beside: Preview | null) =>
    beside && Number(beside.columns?.cells) === Number(preview.columns?.cells) ? beside : null;
  const axisOf = (axis: Preview["columns"]) => sides.get(Number(axis?.dimension ?? -1))?.(axis);
  const index = (axis: Preview["columns"]) =>
    indexAxis(axis, axis ? `Dimension ${axis.dimension}` : "");
  const { rows, columns } = preview;
  return {
    preview,
    across: axisOf(columns) ?? index(columns),
    down: rows ? (axisOf(rows) ?? index(rows)) : null,
    errors: fits(errors),
    auxiliaries: auxiliaries.map(fits),
  };
}

/** A line, the lines beside it and how far the first may be off at each place, to be drawn. */
export interface Lines {
  at: Float64Array;
  values: Float64Array;
  /** Null where a place of the line stands for many elements: how far each is off says nothing of it. */
  bars: Float64Array | null;
  beside: { label: string; values: Float64Array }[];
}

/** The lines of a drawing, of which `errors` and `auxiliaries` are what was asked for beside it. */
export function linesOf(
  drawing: Drawing,
  conversion: Conversion | null,
  errors: Beside | null,
  auxiliaries: readonly Beside[],
): Lines {
  const { across, preview } = drawing;
  const lineOf = (preview: Preview, conversion: Conversion | null) => {
    const { min, max } = cellsOf(preview, conversion);
    return envelopeOf(across, min, max);
  };
  const beside = auxiliaries.flatMap(({ label, conversion }, place) => {
    const preview = drawing.auxiliaries[place];
    return preview ? [{ label, values: lineOf(preview, conversion).values }] : [];
  });
  const hasBars = errors && drawing.errors && across.width <= 1;
  const scale = Math.abs(errors?.conversion?.scale ?? 1);
  const bars = hasBars ? numbersOf(drawing.errors?.max).map((off) => Math.abs(off) * scale) : null;
  return { ...lineOf(preview, conversion), bars, beside };
}

type AxisOf = (axis: Preview["columns"]) => PictureAxis | null;

/** Asks what the axes of a picture are. */
class AxisReader {
  constructor(
    private readonly provider: Provider,
    private readonly client: QueryClient,
    private readonly question: DrawingQuestion,
  ) {}

  /** By dimension, of those that are shown from end to end. */
  async shownAxes(): Promise<Map<number, AxisOf>> {
    const { selection, axes } = this.question;
    const asked = selection.split(",").flatMap((member, dimension) => {
      const target = axes[dimension];
      const isShown = member.includes(":") && target;
      return isShown ? [this.#axis(target, dimension, member)] : [];
    });
    const found = await Promise.all(asked);
    return new Map(found.filter((one) => one !== null));
  }

  async #axis(
    object: Target,
    dimension: number,
    selection: string,
  ): Promise<[number, AxisOf] | null> {
    const { key, shape } = this.question;
    const size = Number(shape[dimension]);
    try {
      const [{ metadata }, stored] = await Promise.all([
        this.#once(["meta", key, targetText(object)], async () => {
          const attributesLimit = ATTRIBUTES_LIMIT;
          return await this.provider.meta({ key, object, attributesLimit });
        }),
        this.#line(object, selection),
      ]);
      const more = lengthOf(metadata) - size;
      if (metadata.type !== "dataset" || (more !== 0 && more !== 1)) return null;
      // No complex number lies along an axis: what is read of it is an amplitude.
      if (floatOfComplex(metadata.datatype)) return null;
      const label = labelOf(metadata.attributes, nameOf(metadata));
      const conversion = conversionOf(metadata);
      const coordinates =
        more === 0
          ? coordinatesOf(await this.#read(object, selection, conversion, stored), conversion)
          : await this.#edges(object, selection, size, conversion);
      return coordinates && [dimension, (axis) => coordinateAxis(axis, label, coordinates)];
    } catch {
      return null;
    }
  }

  /** Of one more than there are elements, each lies between two: a second wave reads where. */
  async #edges(
    object: Target,
    selection: string,
    size: number,
    conversion: Conversion | null,
  ): Promise<Coordinates | null> {
    const [start = "", stop = ""] = selection.split(":");
    const [first, end] = [Number(start), stop === "" ? size : Number(stop)];
    const asked = [`${first}:${end}`, `${first + 1}:${end + 1}`].map(async (selection) =>
      coordinatesOf(await this.#read(object, selection, conversion), conversion),
    );
    const [begins, ends] = await Promise.all(asked);
    if (!begins || !ends) return null;
    const min = begins.min.map((one, cell) => Math.min(one, ends.min[cell] ?? NaN));
    const max = begins.max.map((one, cell) => Math.max(one, ends.max[cell] ?? NaN));
    return { ...begins, min, max };
  }

  /** Of integers without a sign, which is known by now, cells have other ends than of stored ones. */
  async #read(
    object: Target,
    selection: string,
    conversion: Conversion | null,
    stored?: Preview,
  ): Promise<Preview> {
    const isUnsigned = conversion?.unsignedBits != null;
    if (stored && !isUnsigned) return stored;
    return await this.#line(object, selection, isUnsigned ? { isUnsigned } : {});
  }

  async #line(object: Target, selection: string, reading: Reading = {}): Promise<Preview> {
    const { key, maxSize } = this.question;
    const { isUnsigned = false } = reading;
    const queryKey = ["preview", key, targetText(object), "line", selection, maxSize, isUnsigned];
    const answer = await this.#once(queryKey, async () => {
      const question = { key, object, selection, view: "line" as const, maxSize, reading };
      return await this.provider.preview(question);
    });
    return answer.preview;
  }

  /** Pictures that follow each other share what they ask: none may give it up for the others. */
  async #once<Answer>(queryKey: unknown[], queryFn: () => Promise<Answer>): Promise<Answer> {
    return await this.client.query({ queryKey, queryFn, staleTime: AXIS_FRESH_MS });
  }
}

/** How many coordinates there are; NaN where they are no list. */
function lengthOf(metadata: MetaAnswer["metadata"]): number {
  const isList = metadata.type === "dataset" && metadata.shape?.length === 1;
  return isList ? Number(metadata.shape?.[0]) : NaN;
}

/** Null where some of the coordinates stand for no number. */
function coordinatesOf(preview: Preview, conversion: Conversion | null): Coordinates | null {
  const ends: unknown[] = [preview.min, preview.max].flat(Infinity);
  if (conversion && ends.some((end) => isNone(conversion, end))) return null;
  const { min, max } = cellsOf(preview, conversion);
  const isSampled = preview.statistics?.sampled ?? false;
  return { columns: preview.columns, min, max, isSampled };
}

function nameOf({ path, name }: DatasetMetadata): string {
  return (path ?? name ?? "").split("/").at(-1) ?? "";
}
