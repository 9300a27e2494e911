let isThere: boolean | null = null;

/** Whether the browser has what pictures are drawn with. */
export function hasWebGl(): boolean {
  isThere ??= canMakeContext();
  return isThere;
}

function canMakeContext(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  // A page has a few of them only, and the pictures want theirs.
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}
