import styles from "./Picture.module.css";

/** Which line is which. */
export function Legend({ labels }: { labels: readonly string[] }) {
  return (
    <ul className={styles.legend} aria-label="Lines">
      {labels.map((label, line) => (
        <li key={line} data-legend>
          {label}
        </li>
      ))}
    </ul>
  );
}
