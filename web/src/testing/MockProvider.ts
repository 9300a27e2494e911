import type {
  Attribute,
  Child,
  Datatype,
  File,
  MetaAnswer,
  Metadata,
  Preview,
} from "../api/models";
import { ApiError } from "../api/problem";
import type { ChildrenQuestion, FilesQuestion, MetaQuestion, Provider } from "../api/provider";

/** A made-up object: of a group its children by name. */
export type MockObject =
  | { children: Record<string, MockObject>; attributes?: Record<string, unknown> }
  | { shape: number[]; dtype: string; attributes?: Record<string, unknown> }
  | { target: string };

const INT32 = { class: "integer", size: 4, signed: true, order: "little" } as const;

interface MockType {
  datatype: Datatype;
  /** Of numbers: their bytes. */
  array?: NumberArray;
  /** What the element at a place is; the place itself, where nothing is said. */
  element?: (place: number) => unknown;
}

/** The first one leads nowhere. */
const referenceAt = (place: number) => ({
  ...{ reference: "object", address: place === 0 ? null : 800 + place, path: null },
});
const REFERENCE = { class: "reference", to: "object", size: 8 } as const;

/** What datatypes other than `int32` are. */
const TYPES: Record<string, MockType> = {
  uint8: { datatype: { ...INT32, size: 1, signed: false }, array: Uint8Array },
  uint16: { datatype: { ...INT32, size: 2, signed: false }, array: Uint16Array },
  float32: { datatype: { class: "float", size: 4, order: "little" }, array: Float32Array },
  enum: {
    datatype: { class: "enum", base: INT32, members: { OFF: 0, ON: 1, "\u202eKO": 2 } },
    element: (value) => ({ enum: ["OFF", "ON", "\u202eKO"][value] ?? null, value }),
  },
  complex: {
    datatype: { class: "complex", base: { class: "float", size: 8, order: "little" } },
    element: (place) => [place, -place],
  },
  reference: { datatype: REFERENCE, element: referenceAt },
  record: {
    datatype: {
      class: "compound",
      size: 16,
      fields: [
        { name: "at", offset: 0, datatype: INT32 },
        { name: "frame", offset: 8, datatype: REFERENCE },
      ],
    },
    element: (at) => ({ at, frame: referenceAt(at) }),
  },
};
interface NumberArray {
  from: (
    numbers: number[],
  ) => Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
}

/** What each key is. */
export type MockFiles = Record<string, MockObject>;

/** Answers about made-up files, as the server would. */
export class MockProvider implements Provider {
  /** What was asked, in order: `children /entry after 200`. */
  readonly asked: string[] = [];
  /** Questions that were given up before they were answered. */
  readonly givenUp: string[] = [];
  /** What questions about a path end with, until it is removed. */
  readonly failures = new Map<string, ApiError>();
  /** Paths about which no question is answered. */
  readonly silent = new Set<string>();
  /** What previews of a path say in the place of what is made up. */
  readonly previews = new Map<string, Partial<Preview>>();
  etag = "1";
  readonly #files: MockFiles;

  constructor(files: MockFiles) {
    this.#files = files;
  }

  files = async ({ prefix, q = "", after, limit = 1000, refresh }: FilesQuestion) => {
    const from = after === undefined ? "" : `after ${after}`;
    const words = ["files", prefix, q, from, refresh && "refresh"];
    this.asked.push(words.filter(Boolean).join(" "));
    const keys = Object.keys(this.#files).filter(
      (key) => key.startsWith(prefix) && key.includes(q),
    );
    const isFolder = (key: string) => !q && key.slice(prefix.length).includes("/");
    const folderOf = (key: string) => key.slice(0, key.indexOf("/", prefix.length) + 1);
    const start = Number(after ?? 0);
    const files = keys.filter((key) => !isFolder(key));
    const isMore = start + limit < files.length;
    return await Promise.resolve({
      success: true as const,
      count: files.length,
      cached: false,
      age_ms: 0,
      ttl_ms: 30_000,
      prefix,
      truncated: isMore,
      next: isMore ? String(start + limit) : null,
      folders: start > 0 ? [] : [...new Set(keys.filter(isFolder).map(folderOf))],
      files: files.slice(start, start + limit).map((key) => this.#file(key)),
    });
  };

  children = async (question: ChildrenQuestion, signal?: AbortSignal) => {
    const { key, group, q = "", limit = 1000, after, namesOnly } = question;
    const path = group.path ?? "";
    await this.#asked(
      ["children", namesOnly && "names", path, q && `q ${q}`, after && `after ${after}`]
        .filter(Boolean)
        .join(" "),
      path,
      signal,
    );
    const object = this.#object(key, path);
    if (!("children" in object)) throw new ApiError("not_a_group", `"${path}" is not a group`);
    const start = Number(after ?? 0);
    const found = Object.entries(object.children).filter(([name]) => name.includes(q));
    const isMore = start + limit < found.length;
    return {
      success: true as const,
      key,
      etag: this.etag,
      path,
      address: 96,
      cached: false,
      total: found.length,
      order: "name" as const,
      truncated: isMore,
      next: isMore ? String(start + limit) : null,
      children: found
        .slice(start, start + limit)
        .map(([name, child]) => childOf(path, name, child))
        .map((child): Child => (namesOnly ? unread(child) : child)),
    };
  };

  meta = async (question: MetaQuestion, signal?: AbortSignal): Promise<MetaAnswer> => {
    const path = question.object.path ?? "";
    await this.#asked(`meta ${path}`, path, signal);
    const metadata = metadataOf(path, this.#object(question.key, path));
    return { success: true, key: question.key, etag: this.etag, cached: false, metadata };
  };

  metaText: Provider["metaText"] = async (question, signal) =>
    JSON.stringify(await this.meta(question, signal));

  attribute: Provider["attribute"] = async ({ key, object, name }, signal) => {
    const { metadata } = await this.meta({ key, object }, signal);
    const attribute = metadata.attributes.find((attribute) => attribute.name === name);
    if (!attribute?.datatype) throw new ApiError("attribute_not_found", `no attribute "${name}"`);
    const { dtype, datatype, value } = attribute;
    return {
      success: true,
      key,
      etag: this.etag,
      cached: false,
      attribute: { name, dtype: dtype ?? "", datatype, value },
    };
  };

  /** Each element is its place in the selection, `0`, `1`, …, or what its type makes of it. */
  data: Provider["data"] = async ({ key, object, selection }, signal) => {
    const path = object.path ?? "";
    await this.#asked(`data ${path} ${selection}`, path, signal);
    const { shape: whole, dtype } = this.#object(key, path) as { shape: number[]; dtype: string };
    const shape = rangesOf(selection, whole).map(({ count }) => count);
    const { datatype = INT32, element = (place: number) => place } = TYPES[dtype] ?? {};
    const answer = { key, etag: this.etag, cached: false, path, selection, shape, datatype };
    return { success: true, ...answer, dtype, data: nested(shape, element) };
  };

  /** Each cell is one element, and each element its place in the selection. */
  preview: Provider["preview"] = async (question, signal) => {
    const { key, object, selection, view, reading = {} } = question;
    const { isUnsigned, missing = [], valid, complex } = reading;
    const path = object.path ?? "";
    const without = missing.length > 0 && `without ${missing.join(",")}`;
    const within = valid !== undefined && `within ${valid}`;
    const words = [
      "preview",
      path,
      view,
      selection,
      isUnsigned && "unsigned",
      within,
      without,
      complex,
    ];
    await this.#asked(words.filter(Boolean).join(" "), path, signal);
    const { shape, dtype } = this.#object(key, path) as { shape: number[]; dtype: string };
    const datatype = TYPES[dtype]?.datatype ?? INT32;
    const ranges = rangesOf(selection, shape);
    const side = ({ dimension, start, count }: SelectedRange) => ({
      ...{ dimension, start, count, step: 1, cells: count },
    });
    const shown = ranges.slice(view === "line" ? -1 : -2);
    const [columns, rows] = shown.map(side).reverse();
    const sizes = shown.map(({ count }) => count);
    const size = sizes.reduce((all, one) => all * one, 1);
    const isThere = (number: number) =>
      !missing.includes(String(number)) && isWithin(valid, number);
    const cells = nested(sizes, (number) => (isThere(number) ? number : null));
    const numbers = Array.from({ length: size }, (_, number) => number).filter(isThere);
    const preview = {
      ...{ shape, dtype, datatype, selection, view, rows, columns },
      ...{ min: cells, max: cells, mean: cells, statistics: statisticsOf(numbers, size) },
      read: { elements: size, elements_selected: size, chunks: 1, chunks_selected: 1 },
      ...this.previews.get(path),
    };
    return { success: true, key, etag: this.etag, cached: false, path, preview };
  };

  /** Each element is its place in the selection, in the bytes of its type. */
  elements: Provider["elements"] = async ({ key, object, selection, format }, signal, onRead) => {
    const path = object.path ?? "";
    await this.#asked(`elements ${path} ${selection} ${format}`, path, signal);
    const { shape, dtype } = this.#object(key, path) as { shape: number[]; dtype: string };
    const size = rangesOf(selection, shape).reduce((all, { count }) => all * count, 1);
    const places = Array.from({ length: size }, (_, place) => place);
    const bytes = (TYPES[dtype]?.array ?? Int32Array).from(places);
    onRead?.(bytes.byteLength);
    return new Blob([bytes]);
  };

  refresh = async (key: string) => {
    this.asked.push(`refresh ${key}`);
    await Promise.resolve();
  };

  async #asked(question: string, path: string, signal?: AbortSignal): Promise<void> {
    this.asked.push(question);
    if (this.silent.has(path)) {
      await new Promise((_, reject) => {
        signal?.addEventListener("abort", () => {
          this.givenUp.push(question);
          reject(new DOMException("given up", "AbortError"));
        });
      });
    }
    const failure = this.failures.get(path);
    if (failure) throw failure;
  }

  #file(key: string): File {
    const last_modified = "2026-01-02T03:04:05Z";
    return { key, type: "file", size: key.length * 1000, last_modified, etag: this.etag };
  }

  #object(key: string, path: string): MockObject {
    let object = this.#files[key];
    for (const name of path.split("/").filter(Boolean)) {
      object = object && "children" in object ? object.children[name] : undefined;
    }
    if (!object) throw new ApiError("path_not_found", `there is no "${path}"`);
    return object;
  }
}

/** A group of datasets `d00000`, `d00001`, … */
export function wideGroup(count: number): MockObject {
  const names = Array.from({ length: count }, (_, index) => `d${String(index).padStart(5, "0")}`);
  return {
    children: Object.fromEntries(names.map((name) => [name, { shape: [3], dtype: "int32" }])),
  };
}

function childOf(path: string, name: string, object: MockObject): Child {
  const place = { name, path: `${path === "/" ? "" : path}/${name}`, address: 800 };
  if ("target" in object) {
    const error = { code: "link_unresolved", detail: `"${object.target}" is not there` };
    return { ...place, link: "soft", target: object.target, type: "unresolved", error };
  }
  if ("children" in object) {
    const num_children = Object.keys(object.children).length;
    return { ...place, link: "hard", type: "group", num_children, num_attributes: 0 };
  }
  const { shape, dtype } = object;
  return { ...place, link: "hard", type: "dataset", shape, dtype, ndim: shape.length, filters: [] };
}

interface SelectedRange {
  dimension: number;
  start: number;
  count: number;
}

/** The ranges of a selection: what is left of the dimensions. */
function rangesOf(selection: string, shape: readonly number[]): SelectedRange[] {
  return selection.split(",").flatMap((member, dimension) => {
    if (!member.includes(":")) return [];
    const [start, stop, step] = member
      .split(":")
      .map((part) => (part === "" ? null : Number(part)));
    const end = Math.min(stop ?? Infinity, shape[dimension] ?? 0);
    return [{ dimension, start: start ?? 0, count: Math.ceil((end - (start ?? 0)) / (step ?? 1)) }];
  });
}

/** Nested lists of a shape, whose elements are made of their places: 0, 1, … */
function nested(shape: readonly number[], of: (place: number) => unknown, from = 0): unknown {
  const [size, ...rest] = shape;
  if (size === undefined) return of(from);
  const step = rest.reduce((all, one) => all * one, 1);
  return Array.from({ length: size }, (_, index) => nested(rest, of, from + index * step));
}

/** Whether a number is between two, either of which may be left out: "0,", "0,4095". */
function isWithin(valid = ",", number: number): boolean {
  const [least, most] = valid.split(",");
  return (!least || number >= Number(least)) && (!most || number <= Number(most));
}

/** Statistics of numbers, of which some were left out of so many. */
function statisticsOf(numbers: readonly number[], size: number) {
  const missing_count = size - numbers.length;
  const [min, max] = [numbers[0] ?? null, numbers.at(-1) ?? null];
  const mean = numbers.reduce((all, one) => all + one, 0) / numbers.length;
  const count = numbers.length;
  return { count, nan_count: 0, missing_count, min, max, mean, std: 1, sampled: false };
}

function unread({ name, path, address, link, target }: Child): Child {
  return { name, path, address, link, target, type: "unread" };
}

function metadataOf(path: string, object: MockObject): Metadata {
  if ("target" in object) throw new ApiError("link_unresolved", `"${object.target}" is not there`);
  const attributes = Object.entries(object.attributes ?? {}).map(attributeOf);
  const common = { path, name: path, address: 800, num_attributes: attributes.length, attributes };
  if ("children" in object) {
    return {
      ...common,
      type: "group",
      kind: "group",
      num_children: Object.keys(object.children).length,
      creation_order: { tracked: false, indexed: false },
    };
  }
  return {
    ...common,
    type: "dataset",
    kind: "dataset",
    shape: object.shape,
    ndim: object.shape.length,
    dtype: object.dtype,
    datatype: TYPES[object.dtype]?.datatype ?? INT32,
    layout: "contiguous",
    filters: [],
    compression_opts: null,
    fill_value: null,
  };
}

function attributeOf([name, value]: [string, unknown]): Attribute {
  const datatype = { class: "integer", size: 8, signed: true, order: "little" } as const;
  return { name, shape: [], dtype: "int64", datatype, value };
}
