import type { DatasetMetadata, Filter, Integer, Metadata } from "../api/models";
import { counted, countText, listed, product, shapeText, sizeText } from "../shared/format";
import { datatypeWords, elementBytes } from "./datatypeWords";

/** What an object is, in a few sentences. */
export function summaryOf(metadata: Metadata): string {
  switch (metadata.type) {
    case "group": {
      const children = metadata.num_children;
      if (children == null) return "A group.";
      return children === 0
        ? "A group without children."
        : `A group of ${counted(children, "child", "children")}.`;
    }
    case "datatype": {
      const words = metadata.datatype
        ? datatypeWords(metadata.datatype)
        : "elements that cannot be read";
      return `A datatype that datasets and attributes share: ${words}.`;
    }
    case "dataset":
      return [elements(metadata), storage(metadata), growth(metadata)].filter(Boolean).join(" ");
  }
}

/** Bytes of all elements as a reader gets them; null where the type or the shape does not say. */
export function logicalBytes({ size, datatype }: DatasetMetadata): Integer | null {
  const bytes = datatype ? elementBytes(datatype) : null;
  return bytes === null || size == null ? null : BigInt(bytes) * BigInt(size);
}

/** How many chunks a dataset of this shape has, were all written. */
export function chunkCount({ shape, chunks }: DatasetMetadata): bigint | null {
  if (!shape || chunks?.length !== shape.length || chunks.some((side) => side === 0)) return null;
  return product(
    shape.map((length, dimension) => {
      const side = BigInt(chunks[dimension] ?? 1);
      return (BigInt(length) + side - 1n) / side;
    }),
  );
}

/** A filter as people call it. */
export function filterText({ id, name, options }: Filter): string {
  if (name === "deflate") return `gzip, level ${options[0] ?? "?"}`;
  return name ?? `filter ${id}`;
}

function elements(dataset: DatasetMetadata): string {
  const { shape, size, datatype } = dataset;
  const words = datatype ? datatypeWords(datatype) : "elements of a type that cannot be read";
  if (!shape) return `No elements: its dataspace is null. They would be ${words}.`;
  if (shape.length === 0) return `One element, of ${words}.`;
  const many = shape.length === 1 ? countText(shape[0] ?? 0) : shapeText(shape);
  const count = shape.length > 1 && size != null ? `, ${countText(size)} in all` : "";
  const bytes = logicalBytes(dataset);
  return `${many} ${words}${count}${bytes === null ? "" : ` (${sizeText(bytes)})`}.`;
}

function storage(dataset: DatasetMetadata): string {
  switch (dataset.layout) {
    case "compact":
      return "Kept in the header of the object.";
    case "contiguous":
      return dataset.layout_sources?.length ? "Kept in other files." : "Kept in one piece.";
    case "virtual":
      return `Put together from ${counted(dataset.layout_sources?.length ?? 0, "part")} of other datasets.`;
    case "chunked": {
      const count = chunkCount(dataset);
      const chunks = count === null ? "chunks" : counted(count, "chunk");
      const filters = dataset.filters.map(filterWords);
      const how = filters.length > 0 ? `, ${listed(filters)}` : ", not compressed";
      return `Kept in ${chunks} of ${shapeText(dataset.chunks)}${how}.`;
    }
    default:
      return "";
  }
}

function filterWords(filter: Filter): string {
  switch (filter.name) {
    case "shuffle":
      return "shuffled";
    case "fletcher32":
      return "with checksums";
    case "deflate":
      return `compressed by ${filterText(filter)}`;
    default:
      return `filtered by ${filterText(filter)}`;
  }
}

function growth({ shape, maxshape }: DatasetMetadata): string {
  if (!shape || !maxshape) return "";
  const grows = maxshape.flatMap((most, dimension) => {
    if (most === null) return [`dimension ${dimension} without limit`];
    const now = shape[dimension] ?? 0;
    return BigInt(most) > BigInt(now) ? [`dimension ${dimension} to ${countText(most)}`] : [];
  });
  return grows.length > 0 ? `It can grow: ${listed(grows)}.` : "";
}
