import "@h5web/lib/styles.css";

import { ScaleType, ScatterVis, useDomain } from "@h5web/lib";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import ndarray from "ndarray";
import { useMemo } from "react";
import { targetText, type Target } from "../api/models";
import { ApiError } from "../api/problem";
import { ATTRIBUTES_LIMIT, useProvider, type DataQuestion, type Provider } from "../api/provider";
import { Asked } from "../shared/Asked";
import { countText } from "../shared/format";
import { labelOf } from "./attributes";
import { convertedList, conversionOf } from "./conversion";
import { Figure } from "./Figure";
import { numbersOf } from "./numbers";
import { SCALE_TYPES, type Look } from "./look";
import styles from "./Picture.module.css";

/** So many points can be told from each other. */
const POINTS_MAX = 10_000;

interface Props {
  question: DataQuestion;
  points: readonly [Target, Target];
  look: Look;
}

/** Elements as points whose place other datasets say. */
export default function PointsPicture({ question, points: [across, up], look }: Props) {
  const provider = useProvider();
  const client = useQueryClient();
  const { key, object } = question;
  const queryKey = ["points", key, targetText(object), targetText(across), targetText(up)];
  const answer = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const read = async (object: Target) => await listOf(provider, { key, object }, signal);
      const [signalList, x, y] = await Promise.all([read(object), read(across), read(up)]);
      if (x.numbers.length !== signalList.numbers.length || y.numbers.length !== x.numbers.length) {
        throw new ApiError(
          "unexpected_answer",
          "There are not as many places as there are points.",
        );
      }
      return { values: signalList, x, y };
    },
  });
  return (
    <Asked
      question={answer}
      waiting="Reading the points"
      failure="The points could not be read"
      onCancel={() => void client.cancelQueries({ queryKey })}
    >
      {({ values, x, y }) => <Drawn values={values} x={x} y={y} look={look} />}
    </Asked>
  );
}

interface List {
  label: string;
  stored: Float64Array;
  /** What the stored numbers stand for. */
  numbers: Float64Array;
  /** How many numbers there are, of which no more than the first are read. */
  size: number;
}

async function listOf(
  provider: Provider,
  { key, object }: { key: string; object: Target },
  signal: AbortSignal,
): Promise<List> {
  const selection = `:${POINTS_MAX}`;
  const [{ metadata }, { data }] = await Promise.all([
    provider.meta({ key, object, attributesLimit: ATTRIBUTES_LIMIT }, signal),
    provider.data({ key, object, selection }, signal),
  ]);
  const name = targetText(object).split("/").at(-1) ?? "";
  const size = metadata.type === "dataset" ? Number(metadata.size ?? 0) : 0;
  const label = labelOf(metadata.attributes, name);
  const conversion = metadata.type === "dataset" ? conversionOf(metadata) : null;
  return { label, stored: numbersOf(data), numbers: convertedList(conversion, data), size };
}

function Drawn({ values, x, y, look }: { values: List; x: List; y: List; look: Look }) {
  const isStored = look.conversion === null;
  const array = useMemo(
    () => ndarray(isStored ? values.stored : values.numbers),
    [values, isStored],
  );
  const scale = SCALE_TYPES[look.scale];
  const domain = useDomain(array, { scaleType: scale });
  const isCut = values.size > POINTS_MAX;
  const caption = isCut
    ? `The first ${countText(POINTS_MAX)} of ${countText(values.size)} points`
    : `${countText(values.size)} points`;
  return (
    <Figure label={look.label} caption={caption}>
      <ScatterVis
        className={styles.vis}
        dataArray={array}
        domain={domain ?? [0, 1]}
        colorMap={look.colours}
        scaleType={look.scale === "log" ? ScaleType.Log : scale}
        abscissaParams={{ label: x.label, value: x.numbers }}
        ordinateParams={{ label: y.label, value: y.numbers }}
      />
    </Figure>
  );
}
