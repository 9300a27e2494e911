import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import type { Provider } from "./provider";

/**
 * The versions of files that the page has seen.
 *
 * The server never mixes two versions in one answer, but a page shows several answers: once one of
 * them is about another version than those before, what is shown does not belong together.
 */
export class Versions {
  #first = new Map<string, string>();
  #changed = new Set<string>();
  #listeners = new Set<() => void>();

  saw(key: string, etag: string): void {
    const first = this.#first.get(key);
    if (first === undefined) this.#first.set(key, etag);
    else if (first !== etag && !this.#changed.has(key)) {
      this.#changed.add(key);
      this.#tell();
    }
  }

  hasChanged(key: string): boolean {
    return this.#changed.has(key);
  }

  /** What is seen of the file from now on counts as its first version. */
  forget(key: string): void {
    this.#first.delete(key);
    this.#changed.delete(key);
    this.#tell();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** The provider, telling `versions` of each answer about a file. */
export function watched(provider: Provider, versions: Versions): Provider {
  const noted = <Answer extends { key: string; etag: string }>(answer: Answer): Answer => {
    versions.saw(answer.key, answer.etag);
    return answer;
  };
  return {
    files: async (question, signal) => await provider.files(question, signal),
    children: async (question, signal) => noted(await provider.children(question, signal)),
    meta: async (question, signal) => noted(await provider.meta(question, signal)),
    metaText: async (question, signal) => await provider.metaText(question, signal),
    attribute: async (question, signal) => noted(await provider.attribute(question, signal)),
    data: async (question, signal) => noted(await provider.data(question, signal)),
    preview: async (question, signal) => noted(await provider.preview(question, signal)),
    elements: async (question, signal, onRead) => await provider.elements(question, signal, onRead),
    refresh: async (key) => {
      await provider.refresh(key);
    },
  };
}

export const VersionsContext = createContext(new Versions());

/** Whether answers about a file were about more than one version of it. */
export function useHasChanged(key: string): boolean {
  const versions = useContext(VersionsContext);
  return useSyncExternalStore(
    versions.subscribe,
    useCallback(() => versions.hasChanged(key), [versions, key]),
  );
}
