import type { Attribute, MetaAnswer, Target } from "../api/models";
import { numberOf, textOf, textsOf } from "./attributes";

/** `default` leads so many groups down at most: a file can make a ring of them. */
const HOPS = 8;

/** What a NeXus group says is to be drawn. */
export interface Plot {
  signal: Target & { path: string };
  /** For each dimension of the signal, as far as it is said, a dataset of where its elements lie. */
  axes: readonly (Target | null)[];
  /** Where the signal is a list of points: what lies across, and what upwards. */
  points: readonly [Target, Target] | null;
}

type Ask = (object: Target) => Promise<MetaAnswer>;

/** Whether a group may say what is to be drawn. */
export function mayPlot(attributes: readonly Attribute[]): boolean {
  return textOf(attributes, "signal") !== null || textOf(attributes, "default") !== null;
}

/** What a group, or the one that its `default` leads to, says is to be drawn; null for nothing. */
export async function plotOf(ask: Ask, group: Target): Promise<Plot | null> {
  let object = group;
  for (let hop = 0; hop < HOPS; hop += 1) {
    const { metadata } = await ask(object);
    const { path } = metadata;
    if (metadata.type !== "group" || typeof path !== "string") return null;
    const signal = textOf(metadata.attributes, "signal");
    if (signal !== null) return await plotOfData(ask, path, signal, metadata.attributes);
    const next = textOf(metadata.attributes, "default");
    if (next === null) return null;
    object = { path: below(path, next) };
  }
  return null;
}

async function plotOfData(
  ask: Ask,
  group: string,
  name: string,
  attributes: readonly Attribute[],
): Promise<Plot | null> {
  const signal = { path: below(group, name) };
  const { metadata } = await ask(signal);
  if (metadata.type !== "dataset" || !metadata.shape) return null;
  const names = textsOf(attributes, "axes");
  const targets = names.map((name) => (name === "." ? null : { path: below(group, name) }));
  const [across = null, up = null] = targets;
  if (metadata.shape.length === 1 && across && up) {
    return { signal, axes: [], points: [across, up] };
  }
  const axes = metadata.shape.map((): Target | null => null);
  names.forEach((name, place) => {
    const dimension = numberOf(attributes, `${name}_indices`) ?? place;
    const target = targets[place];
    if (target && dimension in axes) axes[dimension] = target;
  });
  return { signal, axes, points: null };
}

function below(group: string, name: string): string {
  if (name.startsWith("/")) return name;
  return `${group === "/" ? "" : group}/${name}`;
}
