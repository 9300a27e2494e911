import type { Metadata, Target } from "../api/models";
import { CopyButton } from "../shared/CopyButton";
import styles from "./Snippets.module.css";
import { snippetsOf } from "./codeSnippets";

interface Props {
  fileKey: string;
  object: Target;
  metadata: Metadata;
  /** What is shown of a dataset, as the page's address has it. */
  slice: string;
}

export function Snippets({ fileKey, object, metadata, slice }: Props) {
  return (
    <div className={styles.all}>
      {snippetsOf(fileKey, object, metadata, slice).map(({ title, note, text }) => (
        <section key={title} aria-label={title}>
          <div className={styles.head}>
            <h2>{title}</h2>
            <span className={styles.note}>{note}</span>
            <CopyButton label={`Copy for ${title}`} text={() => text} />
          </div>
          <pre className={styles.code}>{text}</pre>
        </section>
      ))}
    </div>
  );
}
