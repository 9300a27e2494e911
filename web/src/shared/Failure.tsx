import { ApiError } from "../api/problem";
import { Button } from "./Button";
import styles from "./Failure.module.css";
import { Icon } from "./Icon";

interface Props {
  /** What did not work: "This group could not be read". */
  what: string;
  error: unknown;
  onRetry?: (() => void) | undefined;
}

/** Errors that asking again does not help against. */
const FINAL = new Set([
  "not_hdf5",
  "malformed_file",
  "unsupported",
  "path_not_found",
  "bad_request",
]);

/** A failed question, in the server's words. */
export function Failure({ what, error, onRetry }: Props) {
  const { code, detail, facts } = told(error);
  const canRetry = onRetry && !FINAL.has(code);
  return (
    <div className={styles.failure} role="alert">
      <Icon name="warning" className={styles.icon} />
      <div className={styles.words}>
        <p className={styles.what}>{what}</p>
        <p>{detail}</p>
        {facts.length > 0 && <p className={styles.facts}>{facts.join(" · ")}</p>}
      </div>
      {canRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

function told(error: unknown): { code: string; detail: string; facts: string[] } {
  if (!(error instanceof ApiError)) return { code: "", detail: String(error), facts: [] };
  const facts = [error.code];
  if (error.place) facts.push(error.place);
  if (error.requestId) facts.push(`request ${error.requestId}`);
  return { code: error.code, detail: error.message, facts };
}
