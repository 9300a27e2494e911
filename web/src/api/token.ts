import { useSyncExternalStore } from "react";

const STORED = "h5scout-token";

/** The token of this browser tab, and whether the server wants one that it does not have. */
export interface TokenState {
  token: string | null;
  /** Whether the last answer refused the token, or the lack of one. */
  isWanted: boolean;
}

let state: TokenState = { token: sessionStorage.getItem(STORED), isWanted: false };
const listeners = new Set<() => void>();

export function currentToken(): string | null {
  return state.token;
}

/** Uses a token for all questions from now on, as long as the tab is open. */
export function setToken(token: string): void {
  sessionStorage.setItem(STORED, token);
  change({ token, isWanted: false });
}

/** The server refused a question for want of a token. */
export function tokenIsWanted(): void {
  if (!state.isWanted) change({ ...state, isWanted: true });
}

/** Nobody has one at hand: it is wanted again by the next question that is refused. */
export function tokenIsPutAside(): void {
  change({ ...state, isWanted: false });
}

export function useTokenState(): TokenState {
  return useSyncExternalStore(subscribe, () => state);
}

function change(to: TokenState): void {
  state = to;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
