import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { targetText, type DatasetMetadata, type Integer, type Target } from "../api/models";
import { useProvider } from "../api/provider";
import { sizeText } from "../shared/format";
import styles from "./StorageSize.module.css";
import { logicalBytes } from "./summary";

/** How much room the elements take. Where the chunk index says it, that is read when asked for. */
export function StorageSize({ dataset, fileKey }: { dataset: DatasetMetadata; fileKey: string }) {
  const provider = useProvider();
  const [isWanted, setIsWanted] = useState(false);
  const object: Target =
    dataset.path != null ? { path: dataset.path } : { address: String(dataset.address) };
  const isKnown = dataset.storage_size != null;
  const measured = useQuery({
    queryKey: ["storage", fileKey, targetText(object)],
    queryFn: async ({ signal }) => {
      const { metadata } = await provider.meta({ key: fileKey, object, storage: true }, signal);
      return metadata.type === "dataset" ? (metadata.storage_size ?? null) : null;
    },
    enabled: isWanted && !isKnown,
  });
  const size = dataset.storage_size ?? measured.data;
  if (size != null) return <>{storageText(size, logicalBytes(dataset))}</>;
  if (measured.error) return <span className={styles.wrong}>{measured.error.message}</span>;
  if (measured.data === null) return "not known";
  return (
    <button
      type="button"
      className={styles.measure}
      disabled={isWanted}
      title="Reads the chunk index of the dataset"
      onClick={() => {
        setIsWanted(true);
      }}
    >
      {isWanted ? "reading …" : "measure"}
    </button>
  );
}

function storageText(size: Integer, logical: Integer | null): string {
  if (logical === null || BigInt(size) === 0n || BigInt(logical) === 0n) return sizeText(size);
  const ratio = Number(logical) / Number(size);
  return `${sizeText(size)}, ${ratio.toFixed(ratio < 10 ? 2 : 0)} : 1`;
}
