import "@h5web/lib/styles.css";

import { RgbVis } from "@h5web/lib";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import ndarray from "ndarray";
import { targetText, type DatasetMetadata } from "../api/models";
import { useProvider, type DataQuestion } from "../api/provider";
import type { Aspect } from "../router/place";
import { Asked } from "../shared/Asked";
import { indexAxis } from "./axes";
import { Figure } from "./Figure";
import styles from "./Picture.module.css";
import { colourDimension, colourWords, pixelsOf } from "./pixels";
import { isRange, type Member, type Range } from "./slice";
import { NO_INTERACTIONS, ZoomByDrag } from "./ZoomByDrag";

/** Of a longer side every so manieth pixel is read, so that there are no more. */
const PIXELS_MAX = 512;

interface Props {
  question: DataQuestion;
  metadata: DatasetMetadata;
  members: readonly Member[];
  label: string;
  aspect: Aspect;
  onPart: (ranges: (Range & { dimension: number })[]) => void;
}

/** Numbers as the colours of pixels. */
export default function ImagePicture({
  question,
  metadata,
  members,
  label,
  aspect,
  onPart,
}: Props) {
  const provider = useProvider();
  const client = useQueryClient();
  const colours = colourDimension(metadata);
  const sides = sidesOf(members, colours);
  const selection = selectionOf(members, sides);
  const queryKey = ["image", question.key, targetText(question.object), selection];
  const image = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const format = "bin" as const;
      const blob = await provider.elements({ ...question, selection, format }, signal);
      const [down, across] = sides.map(({ count }) => count);
      const size = [down ?? 1, across ?? 1] as const;
      const before = sides.filter(({ dimension }) => dimension < (colours ?? Infinity)).length;
      const pixels = pixelsOf(await blob.arrayBuffer(), metadata, size, before);
      return { array: ndarray(pixels.rgb, [...size, 3]), words: colourWords(pixels) };
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
      {({ array, words }) => (
        <Figure label={label} caption={wordsOf(sides) + words} isBusy={image.isPlaceholderData}>
          <RgbVis
            className={styles.vis}
            dataArray={array}
            interactions={NO_INTERACTIONS}
            aspect={aspect}
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

/** What is read: of the sides some pixels, of the colours all. */
function selectionOf(members: readonly Member[], sides: readonly Side[]): string {
  const texts = members.map((member, dimension) => {
    if (!isRange(member)) return String(member.index);
    const side = sides.find((side) => side.dimension === dimension);
    return side ? `${side.start}:${side.stop}:${side.step}` : ":";
  });
  return texts.join(",");
}

function sidesOf(members: readonly Member[], colours: number | null): Side[] {
  return members.flatMap((member, dimension) => {
    if (!isRange(member) || dimension === colours) return [];
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

function wordsOf(sides: readonly Side[]): string {
  const size = sides.map(({ start, stop }) => stop - start).join(" × ");
  const steps = sides.some(({ step }) => step > 1)
    ? `, of which every ${sides.map(({ step }) => `${step}.`).join(" and ")} is shown`
    : "";
  return `${size} pixels${steps}`;
}
