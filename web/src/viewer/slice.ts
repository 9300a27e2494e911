import type { Integer } from "../api/models";

/** What is shown of a dimension: one index, or those from `start` to before `stop`. */
export type Member = { index: number } | { start: number; stop: number };
export type Range = Extract<Member, { start: number }>;

export function isRange(member: Member | undefined): member is Range {
  return member !== undefined && "start" in member;
}

/**
 * The members of a slice with `shown` ranges, as many as the view has axes.
 *
 * Whatever stands in the page's address fits the shape afterwards: a member that does not is
 * replaced, ranges that are too many become their first index, and of those that are missing the
 * last dimensions are taken. A `fixed` dimension is shown from end to end beside these.
 */
export function membersOf(
  slice: string,
  shape: readonly Integer[],
  shown: number,
  fixed: number | null = null,
): Member[] {
  const texts = slice === "" ? [] : slice.split(",");
  const isOfShape = texts.length === shape.length;
  const members = shape.map((size, dimension): Member => {
    if (dimension === fixed) return all(size);
    const member = isOfShape ? memberOf(texts[dimension] ?? "", Number(size)) : null;
    return member ?? { index: 0 };
  });
  const isOpen = (dimension: number) => dimension !== fixed && isRange(members[dimension]);
  const ranges = () => members.filter((_, dimension) => isOpen(dimension)).length;
  for (let dimension = 0; ranges() > shown && dimension < shape.length; dimension += 1) {
    const member = members[dimension];
    if (isOpen(dimension) && isRange(member)) members[dimension] = { index: member.start };
  }
  for (let dimension = shape.length - 1; ranges() < shown && dimension >= 0; dimension -= 1) {
    if (!isRange(members[dimension])) members[dimension] = all(shape[dimension]);
  }
  return members;
}

/** A slice as NumPy writes it. */
export function sliceText(members: readonly Member[], shape: readonly Integer[]): string {
  return members
    .map((member, dimension) => {
      if (!isRange(member)) return String(member.index);
      const isAll = member.start === 0 && member.stop === Number(shape[dimension]);
      return isAll ? ":" : `${member.start}:${member.stop}`;
    })
    .join(",");
}

/**
 * Shows a dimension from end to end. The range that was first in the slice makes room for it: it
 * becomes its first index.
 */
export function withShown(
  members: readonly Member[],
  shape: readonly Integer[],
  dimension: number,
  fixed: number | null = null,
): Member[] {
  const given = members.findIndex((member, other) => isRange(member) && other !== fixed);
  return members.map((member, other) => {
    if (other === dimension) return all(shape[dimension]);
    return other === given && isRange(member) ? { index: member.start } : member;
  });
}

/** Shows a part of a dimension, of which there is one element at least. */
export function withRange(
  members: readonly Member[],
  shape: readonly Integer[],
  dimension: number,
  { start, stop }: Range,
): Member[] {
  const size = Number(shape[dimension]);
  const first = Math.max(0, Math.min(start, size - 1));
  const range = { start: first, stop: Math.max(first + 1, Math.min(stop, size)) };
  return members.map((member, other) => (other === dimension ? range : member));
}

/** All that is cut from the dimensions that are shown is shown again. */
export function whole(members: readonly Member[], shape: readonly Integer[]): Member[] {
  return members.map((member, dimension) => (isRange(member) ? all(shape[dimension]) : member));
}

function all(size: Integer | undefined): Range {
  return { start: 0, stop: Number(size ?? 0) };
}

function memberOf(text: string, size: number): Member | null {
  const [, start, colon, stop] = /^(\d*)(:?)(\d*)$/.exec(text) ?? [];
  if (colon) {
    const range = {
      start: Number(start ?? 0),
      stop: stop === "" ? size : Math.min(Number(stop), size),
    };
    return range.start < range.stop ? range : null;
  }
  return start && Number(start) < size ? { index: Number(start) } : null;
}
