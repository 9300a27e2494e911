import type { components } from "./schema.gen";

export type { Integer } from "./json";

type Schemas = components["schemas"];

export type File = Schemas["File"];
export type FilesAnswer = Schemas["FilesAnswer"];
export type ChildrenAnswer = Omit<Schemas["ChildrenAnswer"], "children"> & { children: Child[] };
export type MetaAnswer = Schemas["MetaAnswer"];
export type AttributeAnswer = Schemas["AttributeAnswer"];
export type DataAnswer = Schemas["DataAnswer"];
export type PreviewAnswer = Schemas["PreviewAnswer"];
export type Preview = Schemas["Preview"];
export type ComplexPart = Schemas["ComplexPart"];
export type Metadata = Schemas["Metadata"];
export type DatasetMetadata = Extract<Metadata, { type: "dataset" }>;
export type GroupMetadata = Extract<Metadata, { type: "group" }>;
export type FileMetadata = Schemas["FileMetadata"];
export type Attribute = Schemas["Attribute"];
export type Datatype = Schemas["DatatypeAnswer"];
export type Filter = Schemas["Filter"];
export type PartError = Schemas["PartError"];
export type LayoutSource = Schemas["LayoutSource"];
export type Incomplete = Schemas["Incomplete"];
export type Problem = Schemas["Problem"];

/** A child with what it is; `unread` where only names were asked for. */
export type Child = (Schemas["ChildObject"] | { type: "unread" }) & Omit<ChildLink, "type">;
type ChildLink = Extract<Schemas["Child"], { type: "unresolved" }>;

export type ObjectType = Child["type"];

/** What an object is asked for by: its path or, where no path can say its name, its address. */
export type Target = { path: string; address?: undefined } | { path?: undefined; address: string };

export const ROOT: Target = { path: "/" };

/** A text that is equal for equal targets, and different for others. */
export function targetText(target: Target): string {
  return target.path ?? `@${target.address}`;
}

/** How a child is asked for; null where nothing names it: its link leads nowhere and has no path. */
export function targetOf(child: Child): Target | null {
  if (typeof child.path === "string") return { path: child.path };
  return child.address === undefined ? null : { address: String(child.address) };
}
