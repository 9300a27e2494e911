import type { Attribute, Child, DatasetMetadata, MetaAnswer, Target } from "../api/models";
import { namesOf, numberOf, ordinalOf, textOf, textsOf } from "./attributes";

/** `default` leads so many groups down at most: a file can make a ring of them. */
const HOPS = 8;
/** So many lines can be told from each other in one picture. */
const AUXILIARIES_MAX = 5;
/** Of a group that does not say which of its datasets is drawn so many are asked whether they say it. */
const ASKED_MAX = 50;

/** A dataset and where it is. */
export interface Field {
  object: Target & { path: string };
  metadata: DatasetMetadata;
}

/** What a NeXus group says is to be drawn. */
export interface Plot {
  signal: Field;
  /** For each dimension of the signal, as far as it is said, a dataset of where its elements lie. */
  axes: readonly (Target | null)[];
  /** Where the signal is a list of points: what lies across, and what upwards. */
  points: readonly [Target, Target] | null;
  /** How far each element of the signal may be off. */
  errors: Field | null;
  /** What is drawn beside the signal. */
  auxiliaries: readonly Field[];
}

/** What is asked of a file. */
export interface Reader {
  meta(object: Target): Promise<MetaAnswer>;
  /** The first children of a group whose names contain a text. */
  children(group: Target, q: string, limit: number): Promise<readonly Child[]>;
}

/** Whether a group may say what is to be drawn. */
export function mayPlot(attributes: readonly Attribute[]): boolean {
  const says = (name: string) => textOf(attributes, name) !== null;
  return says("signal") || says("default") || isData(attributes);
}

/** What a group, or the one that its `default` leads to, says is to be drawn; null for nothing. */
export async function plotOf(reader: Reader, group: Target): Promise<Plot | null> {
  let object = group;
  for (let hop = 0; hop < HOPS; hop += 1) {
    const { metadata } = await reader.meta(object);
    const { path, attributes } = metadata;
    if (metadata.type !== "group" || typeof path !== "string") return null;
    const words = wordsOfGroup(attributes);
    if (words) return await plotOfWords(reader, path, words);
    const next = textOf(attributes, "default");
    if (next === null) return isData(attributes) ? await plotOfFields(reader, path) : null;
    object = { path: below(path, next) };
  }
  return null;
}

/** What is to be drawn, by name. */
interface Words {
  signal: string;
  /** A dimension may be named twice: the first name counts. */
  axes: readonly { name: string; dimension: number }[];
  auxiliaries: readonly string[];
}

function wordsOfGroup(attributes: readonly Attribute[]): Words | null {
  const signal = textOf(attributes, "signal");
  if (signal === null) return null;
  const axes = namesOf(attributes, "axes").map((name, place) => {
    return { name, dimension: numberOf(attributes, `${name}_indices`) ?? place };
  });
  return { signal, axes, auxiliaries: textsOf(attributes, "auxiliary_signals") };
}

/** As groups were described before 2014: each dataset says for itself what it is. */
async function plotOfFields(reader: Reader, group: string): Promise<Plot | null> {
  const children = await reader.children({ path: group }, "", ASKED_MAX);
  const datasets = children.filter(({ type }) => type === "dataset");
  const asked = datasets.map(({ name }) => attempt(fieldOf(reader, below(group, name))));
  const fields = (await Promise.all(asked)).filter((field) => field !== null);
  const signals = fields.filter((field) => ordinal(field, "signal") !== null);
  const signal = signals.find((field) => ordinal(field, "signal") === 1);
  if (!signal) return null;
  const named = namesOf(signal.metadata.attributes, "axes");
  const axes = named.map((name, dimension) => ({ name, dimension }));
  return await plotOfWords(reader, group, {
    signal: signal.object.path,
    axes: axes.length > 0 ? axes : axesOfFields(fields),
    auxiliaries: signals.filter((field) => field !== signal).map(({ object }) => object.path),
  });
}

/** The datasets that say which dimension they are the axis of, from 1; one for each dimension. */
function axesOfFields(fields: readonly Field[]): Words["axes"] {
  const axes = new Map<number, string>();
  const isPrimary = (field: Field) => (ordinal(field, "primary") === 1 ? 0 : 1);
  for (const field of [...fields].sort((one, other) => isPrimary(one) - isPrimary(other))) {
    const dimension = (ordinal(field, "axis") ?? 0) - 1;
    if (dimension >= 0 && !axes.has(dimension)) axes.set(dimension, field.object.path);
  }
  return [...axes].map(([dimension, name]) => ({ name, dimension }));
}

async function plotOfWords(reader: Reader, group: string, words: Words): Promise<Plot | null> {
  const path = below(group, words.signal);
  const names = words.auxiliaries.slice(0, AUXILIARIES_MAX);
  const [signal, errors, ...auxiliaries] = await Promise.all([
    fieldOf(reader, path),
    attempt(errorsOf(reader, path)),
    ...names.map((name) => attempt(fieldOf(reader, below(group, name)))),
  ]);
  if (!signal) return null;
  const { shape } = signal.metadata;
  const isBeside = (field: Field | null): field is Field =>
    field !== null && String(field.metadata.shape) === String(shape);
  return {
    signal,
    ...placesOf(group, words.axes, shape?.length ?? 0),
    errors: isBeside(errors) ? errors : null,
    auxiliaries: auxiliaries.filter(isBeside),
  };
}

function placesOf(
  group: string,
  words: Words["axes"],
  dimensions: number,
): Pick<Plot, "axes" | "points"> {
  const targets = words.map(({ name }) => (name === "." ? null : { path: below(group, name) }));
  const [across, up] = targets;
  if (dimensions === 1 && across && up) return { axes: [], points: [across, up] };
  const axes = Array.from({ length: dimensions }, (_, dimension) => {
    return targets[words.findIndex((axis) => axis.dimension === dimension)] ?? null;
  });
  return { axes, points: null };
}

/** The dataset of the errors of a signal, by either of the names that it may have. */
async function errorsOf(reader: Reader, signal: string): Promise<Field | null> {
  const [group, own] = [signal.slice(0, signal.lastIndexOf("/")), signal.split("/").at(-1) ?? ""];
  const names = [`${own}_errors`, "errors"];
  const children = await reader.children({ path: group || "/" }, "errors", ASKED_MAX);
  const name = names.find((name) => children.some((child) => child.name === name));
  return name === undefined ? null : await fieldOf(reader, below(group, name));
}

/** A dataset with a shape; null for what is none. */
async function fieldOf(reader: Reader, path: string): Promise<Field | null> {
  const { metadata } = await reader.meta({ path });
  return metadata.type === "dataset" && metadata.shape ? { object: { path }, metadata } : null;
}

/** What stands beside the signal may be damaged: the signal is drawn without. */
async function attempt(asked: Promise<Field | null>): Promise<Field | null> {
  return await asked.catch(() => null);
}

function ordinal({ metadata }: Field, name: string): number | null {
  return ordinalOf(metadata.attributes, name);
}

function isData(attributes: readonly Attribute[]): boolean {
  return textOf(attributes, "NX_class") === "NXdata";
}

function below(group: string, name: string): string {
  if (name.startsWith("/")) return name;
  return `${group === "/" ? "" : group}/${name}`;
}
