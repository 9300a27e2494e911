import "@h5web/lib/styles.css";

import { RgbVis } from "@h5web/lib";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import ndarray from "ndarray";
import { targetText } from "../api/models";
import { ApiError } from "../api/problem";
import { useProvider, type DataQuestion } from "../api/provider";
import { Asked } from "../shared/Asked";
import { indexAxis } from "./axes";
import { Figure } from "./Figure";
import styles from "./Picture.module.css";
import { isRange, type Member, type Range } from "./slice";
import { NO_INTERACTIONS, ZoomByDrag } from "./ZoomByDrag";

/** Of a longer side every so manieth pixel is read, so that there are no more. */
const PIXELS_MAX = 512;

interface Props {
  question: DataQuestion;
  /** What is shown of each dimension but that of the colours. */
  members: readonly Member[];
  label: string;
  onPart: (ranges: (Range & { dimension: number })[]) => void;
}

/** Bytes as the colours of pixels. */
export default function ImagePicture({ question, members, label, onPart }: Props) {
  const provider = useProvider();
  const client = useQueryClient();
  const sides = sidesOf(members);
  const selection = [
    ...members.map((member, dimension) => {
      const side = sides.find((side) => side.dimension === dimension);
      return side ? `${side.start}:${side.stop}:${side.step}` : "index" in member && member.index;
    }),
    ":",
  ].join(",");
  const queryKey = ["image", question.key, targetText(question.object), selection];
  const image = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const format = "bin" as const;
      const blob = await provider.elements({ ...question, selection, format }, signal);
      return pixelsOf(new Uint8Array(await blob.arrayBuffer()), sides);
    },
    placeholderData: keepPreviousData,
  });
  const [down, across] = sides;
  return (
    <Asked
      question={image}
      waiting="Reading the pixels"
      failure="The elements could not be read"
      onCancel={() => void client.cancelQueries({ queryKey })}
    >
      {(pixels) => (
        <Figure label={label} caption={wordsOf(sides)} isBusy={image.isPlaceholderData}>
          <RgbVis
            className={styles.vis}
            dataArray={pixels}
            interactions={NO_INTERACTIONS}
            flipYAxis
            abscissaParams={{ label: `Dimension ${across?.dimension ?? ""}`, value: edges(across) }}
            ordinateParams={{ label: `Dimension ${down?.dimension ?? ""}`, value: edges(down) }}
          >
            {across && down && (
              <ZoomByDrag
                across={indexAxis({ ...across, cells: across.count }, "")}
                down={indexAxis({ ...down, cells: down.count }, "")}
                onPart={(part) => {
                  const rows = part.down && { ...part.down, dimension: down.dimension };
                  const columns = { ...part.across, dimension: across.dimension };
                  onPart(rows ? [rows, columns] : [columns]);
                }}
              />
            )}
          </RgbVis>
        </Figure>
      )}
    </Asked>
  );
}

interface Side extends Range {
  dimension: number;
  step: number;
  /** How many pixels are read. */
  count: number;
}

function sidesOf(members: readonly Member[]): Side[] {
  return members.flatMap((member, dimension) => {
    if (!isRange(member)) return [];
    const length = member.stop - member.start;
    const step = Math.ceil(length / PIXELS_MAX);
    return [{ ...member, dimension, step, count: Math.ceil(length / step) }];
  });
}

/** The edges of the pixels that are read: they stand for those between, too. */
function edges(side: Side | undefined): number[] {
  const { start = 0, step = 1, count = 1 } = side ?? {};
  return Array.from({ length: count + 1 }, (_, pixel) => start + pixel * step - 0.5);
}

/** Red, green and blue of each pixel; how opaque it is is left out. */
function pixelsOf(bytes: Uint8Array, sides: readonly Side[]) {
  const pixels = sides.reduce((all, { count }) => all * count, 1);
  const colours = bytes.length / pixels;
  if (colours !== 3 && colours !== 4) {
    throw new ApiError("unexpected_answer", `There are ${bytes.length} bytes of ${pixels} pixels.`);
  }
  const rgb = new Uint8Array(pixels * 3);
  for (let at = 0; at < rgb.length; at += 1) {
    rgb[at] = bytes[Math.floor(at / 3) * colours + (at % 3)] ?? 0;
  }
  return ndarray(rgb, [...sides.map(({ count }) => count), 3]);
}

function wordsOf(sides: readonly Side[]): string {
  const size = sides.map(({ start, stop }) => stop - start).join(" × ");
  const steps = sides.some(({ step }) => step > 1)
    ? `, of which every ${sides.map(({ step }) => `${step}.`).join(" and ")} is shown`
    : "";
  return `${size} pixels${steps}`;
}
