import { useEffect, useState } from "react";
import { Button } from "./Button";
import styles from "./Waiting.module.css";

/** What is there sooner needs no sign of waiting: it would only flicker. */
const SILENT_MS = 300;
/** From then on it can be worth giving up. */
const SLOW_MS = 3000;

interface Props {
  /** What is waited for: "Reading the group". */
  what: string;
  onCancel?: (() => void) | undefined;
}

/** Nothing at first, then words, then seconds and a way out. */
export function Waiting({ what, onCancel }: Props) {
  const waited = useWaited();
  if (waited < SILENT_MS) return null;
  const isSlow = waited >= SLOW_MS;
  return (
    <div className={styles.waiting} role="status">
      <span className={styles.wheel} aria-hidden="true" />
      <span>
        {what} …{isSlow && <span aria-hidden="true"> {Math.floor(waited / 1000)} s</span>}
      </span>
      {isSlow && onCancel && (
        <Button look="plain" onClick={onCancel}>
          Cancel
        </Button>
      )}
    </div>
  );
}

/** Milliseconds since the component is shown, in steps that matter to a reader. */
function useWaited(): number {
  const [waited, setWaited] = useState(0);
  useEffect(() => {
    const start = performance.now();
    const look = () => {
      setWaited(performance.now() - start);
    };
    const first = setTimeout(look, SILENT_MS);
    const others = setInterval(look, 1000);
    return () => {
      clearTimeout(first);
      clearInterval(others);
    };
  }, []);
  return waited;
}
