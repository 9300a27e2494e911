import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { targetText, type Target } from "../api/models";
import { ATTRIBUTES_LIMIT, useProvider } from "../api/provider";
import { Link } from "../router/Link";
import type { Place } from "../router/place";
import { Asked } from "../shared/Asked";
import { DataView } from "./DataView";
import styles from "./DataView.module.css";
import { plotOf } from "./nexus";

interface Props {
  fileKey: string;
  group: Target;
  place: Place;
  /** What is shown where the group, after all, says of nothing that it is to be drawn. */
  otherwise: ReactNode;
}

/** What a group says is to be drawn, with its axes. */
export function GroupPlot({ fileKey, group, place, otherwise }: Props) {
  const provider = useProvider();
  const client = useQueryClient();
  const queryKey = ["plot", fileKey, targetText(group)];
  const plot = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const attributesLimit = ATTRIBUTES_LIMIT;
      const ask = async (object: Target) =>
        await provider.meta({ key: fileKey, object, attributesLimit }, signal);
      const plot = await plotOf(ask, group);
      if (plot === null) return null;
      const { metadata } = await ask(plot.signal);
      return metadata.type === "dataset" ? { ...plot, metadata } : null;
    },
  });
  // What `default` names may not be there: the group itself is.
  if (plot.error) return otherwise;
  return (
    <Asked
      question={plot}
      waiting="Looking for what is to be drawn"
      failure="What is to be drawn could not be found"
      onCancel={() => void client.cancelQueries({ queryKey })}
    >
      {(found) =>
        found ? (
          <div className={styles.ofGroup}>
            <p className={styles.source}>
              Drawn as the group says:{" "}
              <Link to={{ key: fileKey, object: found.signal }}>{found.signal.path}</Link>
            </p>
            <DataView
              fileKey={fileKey}
              object={found.signal}
              metadata={found.metadata}
              place={place}
              axes={found.axes.length > 0 ? found.axes : undefined}
              points={found.points}
            />
          </div>
        ) : (
          otherwise
        )
      }
    </Asked>
  );
}
