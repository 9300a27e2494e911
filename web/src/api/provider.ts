import { createContext, useContext } from "react";
import type {
  AttributeAnswer,
  ChildrenAnswer,
  ComplexPart,
  DataAnswer,
  FilesAnswer,
  MetaAnswer,
  PreviewAnswer,
  Target,
} from "./models";

/** A page of a listing. With `q` it goes through all folders below the prefix. */
export interface FilesQuestion {
  prefix: string;
  q?: string;
  limit?: number;
  after?: string;
  /** Ask the store, whatever is known of the listing. */
  refresh?: boolean;
}

export interface ChildrenQuestion {
  key: string;
  group: Target;
  q?: string;
  limit?: number;
  after?: string | undefined;
  /** Reads no child: they are `unread`. */
  namesOnly?: boolean;
}

export interface MetaQuestion {
  key: string;
  object: Target;
  attributesAfter?: string;
  attributesLimit?: number;
  /** Reads the chunk index too, to tell how much room the elements take. */
  storage?: boolean;
}

/** Attributes of a page: all of them are in the document at once. */
export const ATTRIBUTES_LIMIT = 200;

export interface AttributeQuestion {
  key: string;
  object: Target;
  name: string;
}

/** Elements of a dataset; the selection is written as in NumPy. */
export interface DataQuestion {
  key: string;
  object: Target;
  selection: string;
}

/** The formats of elements that are not JSON. `bin` is what browsers know, little-endian. */
export type Format = "csv" | "npy" | "bin";

export interface PreviewQuestion extends DataQuestion {
  view: "line" | "heatmap";
  /** The most cells along a dimension. */
  maxSize: number;
  reading?: Reading;
}

/** How previews read stored numbers. Numbers have all their digits. */
export interface Reading {
  /** Signed integers are read as unsigned ones: the numbers below are of these. */
  isUnsigned?: true;
  /** Numbers that are no measurements: elements of them do not count. */
  missing?: readonly string[];
  /** The least and the greatest number that counts, either of which may be left out: "0,4095". */
  valid?: string;
  /** Which number is read of each complex one. */
  complex?: ComplexPart;
}

/** What the page asks. All answers throw `ApiError`, or an `AbortError` where they are aborted. */
export interface Provider {
  files(question: FilesQuestion, signal?: AbortSignal): Promise<FilesAnswer>;
  children(question: ChildrenQuestion, signal?: AbortSignal): Promise<ChildrenAnswer>;
  meta(question: MetaQuestion, signal?: AbortSignal): Promise<MetaAnswer>;
  /** The text of the answer, as it was sent. */
  metaText(question: MetaQuestion, signal?: AbortSignal): Promise<string>;
  attribute(question: AttributeQuestion, signal?: AbortSignal): Promise<AttributeAnswer>;
  data(question: DataQuestion, signal?: AbortSignal): Promise<DataAnswer>;
  preview(question: PreviewQuestion, signal?: AbortSignal): Promise<PreviewAnswer>;
  /** Elements as a file; `onRead` is told how many bytes are there so far. */
  elements(
    question: DataQuestion & { format: Format },
    signal?: AbortSignal,
    onRead?: (bytes: number) => void,
  ): Promise<Blob>;
  /** Makes the server forget what it knows of a file. */
  refresh(key: string): Promise<void>;
}

export const ProviderContext = createContext<Provider | null>(null);

export function useProvider(): Provider {
  const provider = useContext(ProviderContext);
  if (!provider) throw new Error("there is no provider around this component");
  return provider;
}
