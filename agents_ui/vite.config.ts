// How one entry becomes files that a strict Content-Security-Policy allows: nothing inline, nothing as a data URL.
// scripts/build.mjs builds each page on its own (CC_UI_ENTRY), so that a page carries only the code it uses.
import { defineConfig } from "vite";

const entry = process.env["CC_UI_ENTRY"] ?? "";
const isLoader = entry.endsWith(".ts");

export default defineConfig({
  base: "/",
  publicDir: entry === "" ? "public" : false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: process.env["CC_UI_OUT"] ?? "static",
    emptyOutDir: false,
    // The phones of the last six years or so; nothing is transpiled further down.
    target: ["es2022", "chrome100", "firefox100", "safari15.4"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    cssCodeSplit: true,
    rolldownOptions: isLoader
      ? { input: entry, output: { format: "iife", entryFileNames: "widget.js" } }
      : { input: entry },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/hooks", "/widget.js", "/health"].map((path) => [path, { target: "http://127.0.0.1:8000", ws: true }]),
    ),
  },
});
