import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// Machines that build something else meanwhile are slow.
configure({ asyncUtilTimeout: 5_000 });

vi.mock("../viewer/webgl", () => ({ hasWebGl: vi.fn(() => true) }));
vi.mock("@h5web/lib", async () => await import("./h5web"));

// What jsdom has no layout for: every element is as large as a window, and never changes.
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe = () => undefined;
    unobserve = () => undefined;
    disconnect = () => undefined;
  },
);
Object.defineProperties(Element.prototype, {
  clientHeight: { get: () => 560 },
  clientWidth: { get: () => 1024 },
});
Blob.prototype.arrayBuffer = async function () {
  return await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => {
      resolve(reader.result as ArrayBuffer);
    };
    reader.readAsArrayBuffer(this);
  });
};
Element.prototype.scrollTo = () => undefined;
vi.stubGlobal("matchMedia", () => ({ matches: false }));

afterEach(() => {
  cleanup();
  history.replaceState(null, "", "/");
  localStorage.clear();
  sessionStorage.clear();
});
