import { useQuery, useQueryClient } from "@tanstack/react-query";
import { targetText, type DatasetMetadata, type Target } from "../api/models";
import { useProvider } from "../api/provider";
import { Asked } from "../shared/Asked";
import { textOf } from "../viewer/attributes";
import styles from "./Details.module.css";
import { Value } from "./Value";

/** The most scalars that are shown of a value; its view as data has all. */
const LEAVES = 100;

interface Props {
  fileKey: string;
  object: Target;
  metadata: DatasetMetadata;
}

/** The one element of a dataset, with its unit. */
export function ScalarValue({ fileKey, object, metadata }: Props) {
  const provider = useProvider();
  const client = useQueryClient();
  const queryKey = ["data", fileKey, targetText(object), ""];
  const answer = useQuery({
    queryKey,
    queryFn: async ({ signal }) =>
      await provider.data({ key: fileKey, object, selection: "" }, signal),
  });
  const units = textOf(metadata.attributes, "units");
  return (
    <Asked
      question={answer}
      waiting="Reading the value"
      failure="The value could not be read"
      onCancel={() => void client.cancelQueries({ queryKey })}
    >
      {({ data }) => (
        <p className={styles.value} role="group" aria-label="Value">
          <Value value={data} fileKey={fileKey} leaves={LEAVES} />
          {units !== null && <span className={styles.units}> {units}</span>}
        </p>
      )}
    </Asked>
  );
}
