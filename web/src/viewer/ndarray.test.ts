import reference from "ndarray";
import { expect, test } from "vitest";
import ndarray from "./ndarray";

test.each([[[24]], [[4, 6]], [[2, 3, 4]], [[]]])(
  "an array of shape %j is as that of the package",
  (shape: number[]) => {
    const data = Float64Array.from({ length: 24 }, (_, index) => index / 2);
    const [own, theirs] = [ndarray(data, shape), reference(data, shape)];
    const last = shape.map((size) => size - 1);
    expect(own.get(...last)).toBe(theirs.get(...last));
    expect(own.get(...shape.map(() => 0))).toBe(theirs.get(...shape.map(() => 0)));
    const { size, dimension, shape: ownShape, stride } = own;
    const { size: theirSize, dimension: theirDimension, shape: theirShape } = theirs;
    expect({ size, dimension, shape: ownShape }).toEqual({
      size: theirSize,
      dimension: theirDimension,
      shape: theirShape,
    });
    expect(stride).toEqual(theirs.stride);
  },
);

test.each([Float64Array.of(1), Float32Array.of(1), Uint16Array.of(1), Uint8Array.of(1), [1]])(
  "the kind of %o is named as the package names it",
  (data) => {
    expect(ndarray(data).dtype).toBe(reference<number[]>(data as number[]).dtype);
  },
);

test("without a shape an array has one dimension", () => {
  expect(ndarray(Float64Array.of(1, 2, 3)).shape).toEqual([3]);
});
