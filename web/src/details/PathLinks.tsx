import type { Target } from "../api/models";
import { Link } from "../router/Link";
import { nameText } from "../shared/format";
import styles from "./PathLinks.module.css";

/** The path of an object, each group in it a link. */
export function PathLinks({ fileKey, object }: { fileKey: string; object: Target }) {
  if (object.path === undefined) return <>object at address {object.address}</>;
  const names = object.path.split("/").filter(Boolean);
  if (names.length === 0) return <>/</>;
  return (
    <>
      {names.map((name, index) => {
        const path = `/${names.slice(0, index + 1).join("/")}`;
        const isLast = index === names.length - 1;
        return (
          <span key={path}>
            {index === 0 ? (
              <Link to={{ key: fileKey }} className={styles.group} aria-label="Root group">
                /
              </Link>
            ) : (
              <span className={styles.slash}>/</span>
            )}
            {/* Letters that run from right to left must not turn the path around. */}
            <bdi>
              {isLast ? (
                nameText(name)
              ) : (
                <Link to={{ key: fileKey, object: { path } }} className={styles.group}>
                  {nameText(name)}
                </Link>
              )}
            </bdi>
          </span>
        );
      })}
    </>
  );
}
