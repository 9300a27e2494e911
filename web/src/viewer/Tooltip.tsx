import styles from "./Picture.module.css";
import type { CellWords } from "./cellWords";

/** What is said of the cell that is pointed at. */
export function Tooltip({ words: { place, value, others } }: { words: CellWords }) {
  return (
    <div className={styles.tooltip}>
      {place.map((line) => (
        <div key={line}>{line}</div>
      ))}
      <strong>{value}</strong>
      {others.map((line) => (
        <div key={line}>{line}</div>
      ))}
    </div>
  );
}
