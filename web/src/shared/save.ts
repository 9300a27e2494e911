/** Gives the browser a file to keep. */
export function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The download has begun by then.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 10_000);
}

/** A name that every system takes for a file. */
export function fileName(name: string, suffix: string): string {
  const plain = name.replace(/[^\p{L}\p{N}_.-]+/gu, "_").replace(/^[_.]+|_+$/g, "");
  return `${plain.slice(0, 80) || "data"}.${suffix}`;
}
