import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import { targetText, type Target } from "../api/models";
import { ATTRIBUTES_LIMIT, useProvider, type Provider } from "../api/provider";
import { Link } from "../router/Link";
import type { Place } from "../router/place";
import { Asked } from "../shared/Asked";
import { DataView } from "./DataView";
import styles from "./DataView.module.css";
import { plotOf, type Reader } from "./nexus";

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
    queryFn: async ({ signal }) => await plotOf(readerOf(provider, fileKey, signal), group),
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
              {[found.signal, ...found.auxiliaries].map(({ object }, at) => (
                <Fragment key={object.path}>
                  {at > 0 && ", "}
                  <Link to={{ key: fileKey, object }}>{object.path}</Link>
                </Fragment>
              ))}
            </p>
            <DataView
              fileKey={fileKey}
              object={found.signal.object}
              metadata={found.signal.metadata}
              place={place}
              axes={found.axes.some(Boolean) ? found.axes : undefined}
              points={found.points}
              errors={found.errors}
              auxiliaries={found.auxiliaries}
            />
          </div>
        ) : (
          otherwise
        )
      }
    </Asked>
  );
}

function readerOf(provider: Provider, key: string, signal: AbortSignal): Reader {
  const attributesLimit = ATTRIBUTES_LIMIT;
  return {
    meta: async (object) => await provider.meta({ key, object, attributesLimit }, signal),
    children: async (group, q, limit) =>
      (await provider.children({ key, group, q, limit }, signal)).children,
  };
}
