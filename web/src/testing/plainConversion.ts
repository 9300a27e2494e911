import type { Conversion } from "../viewer/conversion";

/** What changes no number, and leaves none out: tests say what is different. */
export const PLAIN: Conversion = {
  unsignedBits: null,
  fills: [],
  valid: null,
  scale: 1,
  offset: 0,
  digits: 15,
};
