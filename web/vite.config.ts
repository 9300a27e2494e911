/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

/** Where `npm run dev` asks the API: a running `h5scout serve`. */
const SERVER = process.env.H5SCOUT_SERVER ?? "http://127.0.0.1:8080";

const API = [
  "files",
  "children",
  "meta",
  "attribute",
  "data",
  "preview",
  "docs",
  "openapi.json",
  "metrics",
];

/**
 * Puts our own `ndarray` in the place of the package, which makes code of texts: the security
 * policy of the page lets no such code run. What the pictures import of `ndarray-ops` is nothing.
 */
function withoutEval(): Plugin {
  return {
    name: "without-eval",
    enforce: "pre",
    apply: (_, { mode }) => mode !== "test",
    resolveId(source) {
      if (source === "ndarray")
        return fileURLToPath(new URL("src/viewer/ndarray.ts", import.meta.url));
      return source === "ndarray-ops" ? "\0nothing" : null;
    },
    load: (id) => (id === "\0nothing" ? "export {};" : null),
  };
}

export default defineConfig({
  plugins: [react(), withoutEval()],
  // Relative, so that the page may be served below any path.
  base: "./",
  build: {
    target: "es2022",
    // The folder itself is kept, for the binary: the build script empties it.
    emptyOutDir: false,
    // The security policy of the page lets no data: addresses in.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Of all that is in the bundle: it goes where the bundle goes.
    license: { fileName: "assets/licenses.txt" },
  },
  server: { proxy: Object.fromEntries(API.map((route) => [`/${route}`, SERVER])) },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    testTimeout: 20_000,
    setupFiles: ["src/testing/setup.ts"],
    css: { modules: { classNameStrategy: "non-scoped" } },
  },
});
