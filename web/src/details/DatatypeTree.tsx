import type { Datatype } from "../api/models";
import { nameText } from "../shared/format";
import { datatypeWords } from "./datatypeWords";
import styles from "./DatatypeTree.module.css";

/** How deep types within types are shown. */
const DEPTH = 16;

/** What a type consists of; nothing for types that their name says all of. */
export function DatatypeTree({ type }: { type: Datatype }) {
  if (!hasParts(type)) return null;
  return (
    <section aria-label="Type">
      <h2 className={styles.title}>Type</h2>
      <div className={styles.tree}>
        <Parts type={type} depth={0} />
      </div>
    </section>
  );
}

function Parts({ type, depth }: { type: Datatype; depth: number }) {
  if (depth > DEPTH) return <>…</>;
  switch (type.class) {
    case "compound":
      return (
        <ul>
          {type.fields.map((field, index) => (
            <li key={index}>
              <span className={styles.name}>{nameText(field.name)}</span>{" "}
              <span className={styles.words}>{datatypeWords(field.datatype)}</span>{" "}
              <span className={styles.offset}>at {field.offset}</span>
              {hasParts(field.datatype) && <Parts type={field.datatype} depth={depth + 1} />}
            </li>
          ))}
        </ul>
      );
    case "enum":
      return (
        <ul>
          {Object.entries(type.members).map(([name, value]) => (
            <li key={name}>
              <span className={styles.name}>{nameText(name)}</span>{" "}
              <span className={styles.words}>= {String(value)}</span>
            </li>
          ))}
        </ul>
      );
    case "array":
    case "vlen":
      return <Parts type={type.base} depth={depth + 1} />;
    default:
      return null;
  }
}

function hasParts(type: Datatype): boolean {
  if (type.class === "array" || type.class === "vlen") return hasParts(type.base);
  return type.class === "compound" || type.class === "enum";
}
