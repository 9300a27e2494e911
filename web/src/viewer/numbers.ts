/** The numbers of nested lists one behind the other; what is no number is NaN. */
export function numbersOf(value: unknown): Float64Array {
  const flat: unknown[] = Array.isArray(value) ? value.flat(Infinity) : [value];
  // Numbers that JSON cannot say are texts: "NaN", "Infinity".
  return Float64Array.from(flat, (one) => (one === null ? NaN : Number(one)));
}

/** A line through the least and the greatest number of each cell, so that no peak is lost. */
export interface Envelope {
  at: Float64Array;
  values: Float64Array;
}

/** The envelope of cells that each stand for the same part of the indices `start`, `start + step` … */
export function envelopeOf(
  axis: { start: number; step: number; count: number },
  min: Float64Array,
  max: Float64Array,
): Envelope {
  if (min.length >= axis.count) {
    return { at: min.map((_, index) => axis.start + index * axis.step), values: min };
  }
  const width = (axis.count * axis.step) / min.length;
  const at = new Float64Array(2 * min.length);
  const values = new Float64Array(2 * min.length);
  min.forEach((least, cell) => {
    at[2 * cell] = axis.start + (cell + 0.25) * width;
    at[2 * cell + 1] = axis.start + (cell + 0.75) * width;
    values[2 * cell] = least;
    values[2 * cell + 1] = max[cell] ?? NaN;
  });
  return { at, values };
}
