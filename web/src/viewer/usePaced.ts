import { useEffect, useRef, useState } from "react";

/** Browsers take some hundred changes of the address in ten seconds, and drop those that follow. */
const PACE_MS = 100;

/**
 * A value that changes here at once, and elsewhere at a pace: what `tell` has not been told yet is
 * told later, and of several changes only the last.
 */
export function usePaced<Value>(
  value: Value,
  tell: (value: Value) => void,
): [Value, (value: Value) => void] {
  const [untold, setUntold] = useState<{ value: Value } | null>(null);
  const toldAt = useRef(-Infinity);
  useEffect(() => {
    if (untold === null) return;
    const wait = toldAt.current + PACE_MS - performance.now();
    const timer = setTimeout(
      () => {
        toldAt.current = performance.now();
        setUntold(null);
        tell(untold.value);
      },
      Math.max(wait, 0),
    );
    return () => {
      clearTimeout(timer);
    };
  }, [untold, tell]);
  const change = (value: Value) => {
    setUntold({ value });
  };
  return [untold === null ? value : untold.value, change];
}
