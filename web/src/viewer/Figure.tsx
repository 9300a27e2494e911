import { useRef, type ReactNode } from "react";
import { Button } from "../shared/Button";
import styles from "./Picture.module.css";
import { savePicture } from "./savePicture";

interface Props {
  /** What is drawn: its name becomes that of the file. */
  label: string;
  caption: string;
  isBusy?: boolean;
  children: ReactNode;
}

/** A picture, what it says in words, and a way to keep it. */
export function Figure({ label, caption, isBusy, children }: Props) {
  const canvas = useRef<HTMLDivElement>(null);
  return (
    <figure className={styles.figure} aria-busy={isBusy} aria-label={label}>
      <div ref={canvas} className={styles.canvas}>
        {children}
      </div>
      <figcaption className={styles.caption}>
        <span>
          <b>{label}</b>: {caption}
        </span>
        <Button
          look="plain"
          className={styles.save}
          onClick={() => {
            if (canvas.current) void savePicture(canvas.current, label);
          }}
        >
          PNG
        </Button>
      </figcaption>
    </figure>
  );
}
