import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import { hasMoreThan, Value } from "./Value";

test.each<[unknown, string]>([
  [-0, "-0"],
  [[0.5, -0], "[0.5, -0]"],
  [{ enum: "RED", value: 1 }, "RED (1)"],
  [{ base64: "AAE=" }, "bytes AAE="],
  [{ enum: 1, value: 2.5 }, "{enum: 1, value: 2.5}"],
  [{ base64: 7 }, "{base64: 7}"],
])("%o is shown as %s", (value, text) => {
  const { container } = render(<Value value={value} fileKey="a.h5" leaves={10} />);
  expect(container.textContent).toBe(text);
});

test("what stands in the fields of records counts: else nothing led to what is left out", () => {
  expect(hasMoreThan({ a: [1, 2, 3], b: 4 }, 4)).toBe(true);
  expect(hasMoreThan({ a: [1, 2, 3] }, 4)).toBe(false);
  expect(hasMoreThan([{ enum: "RED", value: 1 }, { base64: "AAE=" }], 2)).toBe(false);
});
