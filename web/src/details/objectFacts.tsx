import type { DatasetMetadata, FileMetadata, GroupMetadata, Integer } from "../api/models";
import { countText, shapeText, sizeText } from "../shared/format";
import type { Fact } from "./Facts";
import { StorageSize } from "./StorageSize";
import { filterText } from "./summary";
import { Value } from "./Value";

export function datasetFacts(dataset: DatasetMetadata, fileKey: string): Fact[] {
  const { maxshape, filters } = dataset;
  return [
    ["Shape", shapeText(dataset.shape)],
    [
      "Maximum",
      grows(dataset) && maxshape?.map((most) => (most === null ? "∞" : String(most))).join(" × "),
    ],
    ["Type", dataset.dtype ?? "cannot be read"],
    ["Layout", dataset.layout],
    ["Chunks", dataset.chunks && shapeText(dataset.chunks)],
    ["Chunk index", dataset.chunk_index?.replaceAll("_", " ")],
    ["Filters", filters.map(filterText).join(" → ")],
    ["Fill value", fill(dataset, fileKey)],
    ["Storage", <StorageSize key="storage" dataset={dataset} fileKey={fileKey} />],
    ["Modified", dataset.modified],
    ["Address", countText(dataset.address)],
  ];
}

export function groupFacts(group: GroupMetadata): Fact[] {
  const { tracked, indexed } = group.creation_order;
  return [
    ["Children", group.num_children == null ? "not known" : countText(group.num_children)],
    ["Links", group.link_storage?.replaceAll("_", " ")],
    ["Creation order", tracked ? `tracked${indexed ? ", indexed" : ""}` : "not tracked"],
    ["Modified", group.modified],
    ["Address", countText(group.address)],
  ];
}

export function fileFacts(file: FileMetadata): Fact[] {
  return [
    ["Size", bytes(file.size)],
    ["Superblock", `version ${file.superblock_version}`],
    ["User block", BigInt(file.userblock) > 0n ? bytes(file.userblock) : null],
    ["Offsets", `${file.offset_size} bytes`],
    ["Lengths", `${file.length_size} bytes`],
    ["Driver", file.driver],
    ["Free space", file.space_strategy?.replaceAll("_", " ")],
    ["Pages", file.page_size == null ? null : bytes(file.page_size)],
  ];
}

function bytes(count: Integer): string {
  return BigInt(count) < 1024n ? sizeText(count) : `${sizeText(count)} (${countText(count)} B)`;
}

function grows({ shape, maxshape }: DatasetMetadata): boolean {
  return maxshape?.some((most, dimension) => most !== shape?.[dimension]) ?? false;
}

function fill(dataset: DatasetMetadata, fileKey: string) {
  if (dataset.fill_defined === "undefined") return "undefined";
  if (dataset.fill_value === null || dataset.fill_value === undefined) return null;
  return (
    <>
      <Value value={dataset.fill_value} fileKey={fileKey} leaves={8} />
      {dataset.fill_defined === "default" && " (default)"}
    </>
  );
}
