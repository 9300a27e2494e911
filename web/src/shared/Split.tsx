import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import styles from "./Split.module.css";

const STORED = "h5scout-split";
const LEAST_PX = 200;
const MOST_PX = 800;
const FIRST_PX = 360;
const STEP_PX = 16;

interface Props {
  label: string;
  first: ReactNode;
  second: ReactNode;
}

/** Two panes side by side; the line between them can be moved by pointer and arrow keys. */
export function Split({ label, first, second }: Props) {
  const [width, setWidth] = useState(storedWidth);
  const area = useRef<HTMLDivElement>(null);

  function change(wanted: number) {
    const width = Math.round(Math.min(Math.max(wanted, LEAST_PX), MOST_PX));
    setWidth(width);
    localStorage.setItem(STORED, String(width));
  }
  function onPointerMove(event: PointerEvent<HTMLDivElement>) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    change(event.clientX - (area.current?.getBoundingClientRect().left ?? 0));
  }
  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowLeft: -STEP_PX, ArrowRight: STEP_PX }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    change(width + step);
  }

  return (
    <div ref={area} className={styles.split}>
      <div className={styles.first} style={{ inlineSize: width }}>
        {first}
      </div>
      {/* A separator that can be moved is a widget, which the lint does not know. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        className={styles.line}
        role="separator"
        aria-orientation="vertical"
        aria-label={label}
        aria-valuenow={width}
        aria-valuemin={LEAST_PX}
        aria-valuemax={MOST_PX}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={onPointerMove}
        onDoubleClick={() => {
          change(FIRST_PX);
        }}
        onKeyDown={onKeyDown}
      />
      <div className={styles.second}>{second}</div>
    </div>
  );
}

function storedWidth(): number {
  const stored = Number(localStorage.getItem(STORED));
  return stored >= LEAST_PX && stored <= MOST_PX ? stored : FIRST_PX;
}
