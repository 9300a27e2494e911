import { useSyncExternalStore } from "react";
import { ROOT, type ComplexPart, type Target } from "../api/models";

/** The ways to look at an object. */
export const VIEWS = ["details", "data", "json", "code"] as const;
export type View = (typeof VIEWS)[number];

/** How the elements of a dataset are shown. */
export const SHOWS = ["table", "line", "heatmap", "image", "points"] as const;
export type Show = (typeof SHOWS)[number];
export const SCALES = ["linear", "log", "symlog"] as const;
export type Scale = (typeof SCALES)[number];
/** What is drawn of complex numbers. */
export const COMPLEX_PARTS = ["amplitude", "phase", "real", "imaginary"] as const;
export const COLOURS = ["Viridis", "Cividis", "Magma", "Greys", "Turbo", "RdBu"] as const;
export type Colours = (typeof COLOURS)[number];

/** Whether units along both sides of a picture are as long, or as the room for it has it. */
export const ASPECTS = ["auto", "equal"] as const;
export type Aspect = (typeof ASPECTS)[number];

/** `-` stands for the largest, or newest, first. */
export const SORTS = ["name", "size", "-size", "modified", "-modified"] as const;
export type Sort = (typeof SORTS)[number];

/** What the page shows. All of it stands in the page's address: a link shows the same. */
export interface Place {
  /** The folder, as a prefix of keys. */
  prefix: string;
  /** What keys of the listing contain. */
  q: string;
  sort: Sort;
  /** The file; null for the listing. */
  key: string | null;
  object: Target;
  /** Null where it is left to what suits the object. */
  view: View | null;
  /** Null where it is left to what suits the dataset. */
  show: Show | null;
  /** The elements that are shown, as NumPy writes it; empty for the first. */
  slice: string;
  complex: ComplexPart;
  scale: Scale;
  colours: Colours;
  /** Null where it is left to what suits the dataset. */
  aspect: Aspect | null;
  /** Shows numbers as they are stored, whatever attributes say of what they stand for. */
  isRaw: boolean;
}

const LISTING: Place = {
  prefix: "",
  q: "",
  sort: "name",
  key: null,
  object: ROOT,
  view: null,
  show: null,
  slice: "",
  complex: "amplitude",
  scale: "linear",
  colours: "Viridis",
  aspect: null,
  isRaw: false,
};

export function placeOf(search: string): Place {
  const query = new URLSearchParams(search);
  const address = query.get("address");
  const oneOf = <Name extends string>(names: readonly Name[], parameter: string) =>
    names.find((name) => name === query.get(parameter));
  return {
    prefix: query.get("prefix") ?? "",
    q: query.get("q") ?? "",
    sort: oneOf(SORTS, "sort") ?? LISTING.sort,
    key: query.get("key"),
    object: address && /^\d+$/.test(address) ? { address } : { path: query.get("path") ?? "/" },
    view: oneOf(VIEWS, "view") ?? null,
    show: oneOf(SHOWS, "show") ?? null,
    slice: query.get("slice") ?? "",
    complex: oneOf(COMPLEX_PARTS, "complex") ?? LISTING.complex,
    scale: oneOf(SCALES, "scale") ?? LISTING.scale,
    colours: oneOf(COLOURS, "colours") ?? LISTING.colours,
    aspect: oneOf(ASPECTS, "aspect") ?? null,
    isRaw: query.get("raw") === "1",
  };
}

/** The address of a place, relative to the page. What is left out is as in an empty listing. */
export function addressOf(part: Partial<Place>): string {
  const place = { ...LISTING, ...part };
  const query = new URLSearchParams();
  if (place.key === null) {
    if (place.prefix) query.set("prefix", place.prefix);
    if (place.q) query.set("q", place.q);
    if (place.sort !== "name") query.set("sort", place.sort);
  } else {
    query.set("key", place.key);
    if (place.object.address !== undefined) query.set("address", place.object.address);
    else if (place.object.path !== "/") query.set("path", place.object.path);
    if (place.view !== null) query.set("view", place.view);
    if (place.show !== null) query.set("show", place.show);
    if (place.slice) query.set("slice", place.slice);
    if (place.complex !== "amplitude") query.set("complex", place.complex);
    if (place.scale !== "linear") query.set("scale", place.scale);
    if (place.colours !== "Viridis") query.set("colours", place.colours);
    if (place.aspect !== null) query.set("aspect", place.aspect);
    if (place.isRaw) query.set("raw", "1");
  }
  // These signs mean nothing in a query, and addresses with them can be read.
  return `?${query.toString().replace(/%2F|%2C|%3A/g, decodeURIComponent)}`;
}

/** The folder that a key lies in, as a prefix. */
export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf("/") + 1);
}

const CHANGED = "h5scout:place";

/** Goes to a place. With `replace` the one before is forgotten: back does not lead there. */
export function goTo(part: Partial<Place>, how: { replace?: boolean } = {}): void {
  const address = addressOf(part);
  if (how.replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  window.dispatchEvent(new Event(CHANGED));
}

/** The place in the page's address. */
export function usePlace(): Place {
  const search = useSyncExternalStore(subscribe, () => location.search);
  return placeOf(search);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(CHANGED, listener);
  };
}
