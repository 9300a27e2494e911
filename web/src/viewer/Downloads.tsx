import { dataAddress } from "../api/http";
import type { DataQuestion } from "../api/provider";
import { useTokenState } from "../api/token";
import styles from "./DataView.module.css";

/** What is shown, as files. */
export function Downloads({
  question,
  dimensions,
}: {
  question: DataQuestion;
  dimensions: number;
}) {
  const { token } = useTokenState();
  // A link cannot carry a token.
  if (token !== null) return null;
  const name = (question.object.path ?? "").split("/").at(-1) ?? "";
  const ranges = question.selection.split(",").filter((member) => member.includes(":")).length;
  return (
    <span className={styles.downloads}>
      {(dimensions === 0 || ranges <= 2) && (
        <a href={dataAddress(question, "csv")} download={`${name || "data"}.csv`}>
          CSV
        </a>
      )}
      <a href={dataAddress(question, "npy")} download={`${name || "data"}.npy`}>
        NPY
      </a>
    </span>
  );
}
