import styles from "./Marked.module.css";

/** A text in which what was searched for is marked. */
export function Marked({ text, mark }: { text: string; mark: string }) {
  const at = mark ? text.toLowerCase().indexOf(mark.toLowerCase()) : -1;
  if (at < 0) return text;
  const end = at + mark.length;
  return (
    <>
      {text.slice(0, at)}
      <mark className={styles.mark}>{text.slice(at, end)}</mark>
      {text.slice(end)}
    </>
  );
}
