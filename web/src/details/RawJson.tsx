import { useQuery } from "@tanstack/react-query";
import { addressOf, metaParameters } from "../api/http";
import { targetText, type Target } from "../api/models";
import { useProvider } from "../api/provider";
import { Asked } from "../shared/Asked";
import { CopyButton } from "../shared/CopyButton";
import { indentJson } from "./indentJson";
import styles from "./RawJson.module.css";

/** The answer of the server, as it was sent: a parse would lose digits and the order of names. */
export function RawJson({ fileKey, object }: { fileKey: string; object: Target }) {
  const provider = useProvider();
  const text = useQuery({
    queryKey: ["text", fileKey, targetText(object)],
    queryFn: async ({ signal }) => await provider.metaText({ key: fileKey, object }, signal),
  });
  const href = addressOf("meta", metaParameters({ key: fileKey, object }));
  return (
    <Asked question={text} waiting="Reading" failure="The answer could not be read">
      {(answer) => <Json json={indentJson(answer)} href={href} />}
    </Asked>
  );
}

function Json({ json, href }: { json: string; href: string }) {
  return (
    <section aria-label="JSON">
      <div className={styles.head}>
        <a href={href}>Open the answer</a>
        <CopyButton label="Copy the JSON" text={() => json} />
      </div>
      <pre className={styles.json}>{json}</pre>
    </section>
  );
}
