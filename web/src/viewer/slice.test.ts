import { expect, test } from "vitest";
import { membersOf, sliceText, withShown } from "./slice";

const SHAPE = [4, 6, 12];

test.each([
  ["", 2, "0,:,:"],
  ["", 1, "0,0,:"],
  ["", 0, "0,0,0"],
  ["3,:,:", 2, "3,:,:"],
  [":,2,:", 2, ":,2,:"],
  ["1,2:5,:", 2, "1,2:5,:"],
])("%j with %i axes is %j", (slice, shown, text) => {
  expect(sliceText(membersOf(slice, SHAPE, shown), SHAPE)).toBe(text);
});

test("a view with fewer axes keeps where one was, one with more takes the last dimensions", () => {
  expect(sliceText(membersOf("3,2:5,:", SHAPE, 1), SHAPE)).toBe("3,2,:");
  expect(sliceText(membersOf(":,1,1", SHAPE, 2), SHAPE)).toBe(":,1,:");
});

test.each(["9,:,:", "x,:,:", "0,5:2,:", "0,7:9,:", "-1,:,:", ":,:", "1;2,:,:"])(
  "%j does not fit the shape, and fits afterwards",
  (slice) => {
    expect(sliceText(membersOf(slice, SHAPE, 2), SHAPE)).toBe("0,:,:");
  },
);

test("another dimension takes the place of the first that is shown", () => {
  const members = membersOf("2,1:3,:", SHAPE, 2);
  expect(sliceText(withShown(members, SHAPE, 0), SHAPE)).toBe(":,1,:");
});

test("an empty dimension has no elements to show", () => {
  expect(membersOf("", [0], 1)).toEqual([{ start: 0, stop: 0 }]);
});

test("a dimension that is fixed is whole, and none of those that are chosen", () => {
  const members = membersOf("2,:,4,5:9", [3, 3, 20, 30], 2, 1);
  expect(sliceText(members, [3, 3, 20, 30])).toBe("2,:,:,5:9");
  const shown = withShown(members, [3, 3, 20, 30], 0, 1);
  expect(sliceText(shown, [3, 3, 20, 30])).toBe(":,:,0,5:9");
  expect(sliceText(membersOf(":,:,:,:", [3, 3, 20, 30], 2, 1), [3, 3, 20, 30])).toBe("0,:,:,:");
});
