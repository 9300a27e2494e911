import { useState } from "react";
import type { Integer } from "../api/models";
import { goTo, type Place } from "../router/place";
import { Button } from "../shared/Button";
import styles from "./Dimensions.module.css";
import { isRange, sliceText, whole, withShown, type Member, type Range } from "./slice";
import { usePaced } from "./usePaced";

interface Props {
  place: Place;
  shape: readonly Integer[];
  members: readonly Member[];
  /** What dimensions are called, as far as something says it. */
  names: readonly (string | null | undefined)[];
  /** A dimension that is shown whole, and not to be chosen from. */
  fixed?: number | null;
}

/** Which part of each dimension is shown: a range of those on the axes, one index of the others. */
export function Dimensions({ place, shape, members, names, fixed = null }: Props) {
  const show = (members: readonly Member[]) => {
    goTo({ ...place, slice: sliceText(members, shape) }, { replace: true });
  };
  const change = (dimension: number, member: Member) => {
    show(members.map((old, other) => (other === dimension ? member : old)));
  };
  const isPart = sliceText(whole(members, shape), shape) !== sliceText(members, shape);
  return (
    <ul className={styles.dimensions} aria-label="Dimensions">
      {members.map((member, dimension) => {
        if (dimension === fixed) return null;
        const size = Number(shape[dimension]);
        const given = names[dimension];
        const name = `Dimension ${dimension}${given ? ` ${given}` : ""}`;
        return (
          <li key={dimension} className={styles.dimension}>
            <span className={styles.name}>{given ? <abbr title={name}>{given}</abbr> : name}</span>
            {isRange(member) ? (
              <Ends
                key={`${member.start}:${member.stop}`}
                name={name}
                range={member}
                size={size}
                onChange={(range) => {
                  change(dimension, range);
                }}
              />
            ) : (
              <>
                <Index
                  name={name}
                  index={member.index}
                  size={size}
                  onChange={(index) => {
                    change(dimension, { index });
                  }}
                />
                <Button
                  look="plain"
                  aria-label={`Show all of dimension ${dimension}`}
                  onClick={() => {
                    show(withShown(members, shape, dimension, fixed));
                  }}
                >
                  Show all
                </Button>
              </>
            )}
          </li>
        );
      })}
      {isPart && (
        <li className={styles.dimension}>
          <Button
            onClick={() => {
              show(whole(members, shape));
            }}
          >
            Show whole range
          </Button>
        </li>
      )}
    </ul>
  );
}

interface IndexProps {
  name: string;
  index: number;
  size: number;
  onChange: (index: number) => void;
}

function Index({ name, index, size, onChange }: IndexProps) {
  const [shown, setShown] = usePaced(index, onChange);
  return (
    <>
      <input
        type="range"
        className={styles.slider}
        aria-label={`${name}: index`}
        min={0}
        max={size - 1}
        value={shown}
        onChange={(event) => {
          setShown(event.target.valueAsNumber);
        }}
      />
      <output className={styles.index}>
        {shown} of {size}
      </output>
    </>
  );
}

interface EndsProps {
  name: string;
  range: Range;
  size: number;
  onChange: (range: Range) => void;
}

/** The ends of a range; a narrow one is shown in finer detail. */
function Ends({ name, range, size, onChange }: EndsProps) {
  const [start, setStart] = useState(range.start);
  const [stop, setStop] = useState(range.stop);
  const take = () => {
    if (start !== range.start || stop !== range.stop) onChange({ start, stop });
  };
  return (
    <form
      className={styles.ends}
      onSubmit={(event) => {
        event.preventDefault();
        take();
      }}
    >
      <input
        type="number"
        aria-label={`${name}: first index`}
        min={0}
        max={stop - 1}
        value={start}
        onBlur={take}
        onChange={(event) => {
          setStart(within(event.target.valueAsNumber, 0, stop - 1));
        }}
      />
      to
      <input
        type="number"
        aria-label={`${name}: index after the last`}
        min={start + 1}
        max={size}
        value={stop}
        onBlur={take}
        onChange={(event) => {
          setStop(within(event.target.valueAsNumber, start + 1, size));
        }}
      />
      of {size}
      {/* Without it Enter does not submit a form of two fields. */}
      <button type="submit" className="visually-hidden" tabIndex={-1}>
        Show
      </button>
    </form>
  );
}

function within(value: number, least: number, most: number): number {
  return Number.isNaN(value) ? least : Math.min(Math.max(Math.trunc(value), least), most);
}
