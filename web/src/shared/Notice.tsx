import type { ReactNode } from "react";
import { Icon } from "./Icon";
import styles from "./Notice.module.css";

/** Something that a reader of what is below should know, and perhaps do something about. */
export function Notice({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.notice} role="status">
      <Icon name="warning" className={styles.icon} />
      <div className={styles.words}>{children}</div>
      {action}
    </div>
  );
}
