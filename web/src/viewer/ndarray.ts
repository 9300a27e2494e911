/**
 * What the pictures need of the package `ndarray`, in its place: arrays in C order, and whole.
 *
 * The package compiles its accessors at run time from texts, which the security policy of the page
 * forbids.
 */
export default function ndarray(
  data: ArrayLike<unknown>,
  shape: readonly number[] = [data.length],
): WholeArray {
  return new WholeArray(data, shape);
}

const DTYPES = [
  [Float64Array, "float64"],
  [Float32Array, "float32"],
  [Uint16Array, "uint16"],
  [Uint8Array, "uint8"],
] as const;

class WholeArray {
  /** The kind of `data`: `float64`; `array` for what is no typed array. */
  readonly dtype: string;
  readonly size: number;
  readonly dimension: number;
  readonly stride: readonly number[];
  readonly offset = 0;

  constructor(
    readonly data: ArrayLike<unknown>,
    readonly shape: readonly number[],
  ) {
    this.dtype = DTYPES.find(([type]) => data instanceof type)?.[1] ?? "array";
    this.dimension = shape.length;
    this.size = shape.reduce((all, one) => all * one, 1);
    this.stride = shape.map((_, dimension) =>
      shape.slice(dimension + 1).reduce((all, one) => all * one, 1),
    );
  }

  get(...indices: number[]): unknown {
    return this.data[this.index(...indices)];
  }

  index(...indices: number[]): number {
    return indices.reduce(
      (all, index, dimension) => all + index * (this.stride[dimension] ?? 0),
      0,
    );
  }
}
