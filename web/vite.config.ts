/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

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

export default defineConfig({
  plugins: [react()],
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
