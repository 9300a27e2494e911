import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useContext, useEffect, useState } from "react";
import { ROOT } from "../api/models";
import { ApiError } from "../api/problem";
import { useProvider } from "../api/provider";
import { useMeta } from "../api/useMeta";
import { useHasChanged, VersionsContext } from "../api/versions";
import { ObjectView } from "../details/ObjectView";
import { Link } from "../router/Link";
import { folderOf, type Place } from "../router/place";
import { Button } from "../shared/Button";
import { Failure } from "../shared/Failure";
import { Notice } from "../shared/Notice";
import { Split } from "../shared/Split";
import styles from "./FileView.module.css";
import { TreeModel } from "./treeModel";
import { TreePane } from "./TreePane";

/** How often a file that is looked at is asked for its version. */
const LOOK_MS = 30_000;

/** One file: its tree, and the object that the place says. */
export function FileView({ fileKey, place }: { fileKey: string; place: Place }) {
  const { reload, loads } = useReload(fileKey);
  return <OpenFile key={loads} fileKey={fileKey} place={place} onReload={reload} />;
}

interface Props {
  fileKey: string;
  place: Place;
  onReload: () => void;
}

function OpenFile({ fileKey, place, onReload }: Props) {
  const provider = useProvider();
  const [model] = useState(() => new TreeModel(provider, fileKey));
  useEffect(
    () => () => {
      model.dispose();
    },
    [model],
  );
  const { meta: root } = useMeta(fileKey, ROOT);
  useLookForChanges(fileKey);
  const hasChanged = useHasChanged(fileKey);

  if (root.error) {
    return (
      <main className={styles.failed}>
        <Failure
          what={failureOf(root.error)}
          error={root.error}
          onRetry={() => void root.refetch()}
        />
        <p>
          <Link to={{ prefix: folderOf(fileKey) }}>Back to the files</Link>
        </p>
      </main>
    );
  }
  return (
    <div className={styles.view}>
      {hasChanged && (
        <Notice action={<Button onClick={onReload}>Reload</Button>}>
          The file has changed since it was opened. What is shown may be of two versions.
        </Notice>
      )}
      <Split
        label="Width of the tree"
        first={<TreePane model={model} fileKey={fileKey} chosen={place.object} view={place.view} />}
        second={<ObjectView fileKey={fileKey} place={place} />}
      />
    </div>
  );
}

/** Forgets what is known of the file and reads it again. */
function useReload(key: string): { reload: () => void; loads: number } {
  const provider = useProvider();
  const versions = useContext(VersionsContext);
  const client = useQueryClient();
  const [loads, setLoads] = useState(0);
  async function reload() {
    // Where that fails, what is read next says why.
    await provider.refresh(key).catch(() => undefined);
    versions.forget(key);
    setLoads((loads) => loads + 1);
    await client.resetQueries({ predicate: ({ queryKey }) => queryKey[1] === key });
  }
  return { reload: () => void reload(), loads };
}

/** Asks now and then whether the file is still the one that is shown. */
function useLookForChanges(key: string) {
  const provider = useProvider();
  useQuery({
    queryKey: ["version", key],
    queryFn: async ({ signal }) => {
      const { etag } = await provider.meta({ key, object: ROOT }, signal);
      return etag;
    },
    refetchInterval: LOOK_MS,
    refetchOnWindowFocus: true,
    // It was asked for at this moment by the page.
    initialData: "",
    staleTime: LOOK_MS,
  });
}

function failureOf(error: Error): string {
  const code = error instanceof ApiError ? error.code : "";
  if (code === "not_hdf5") return "This is not an HDF5 file";
  if (code === "file_not_found") return "There is no such file";
  return "This file could not be opened";
}
