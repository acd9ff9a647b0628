// Builds every page (*.html beside package.json) and the loader into one folder:
//   <page>.html     console.html is served at /console/, chat.html at /chat
//   assets/…        hashed, so they may be cached for ever
//   widget.js       one IIFE without imports
// Each entry is a build of its own: a chunk shared by console and chat would make the citizen download the console's part.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const out = resolve(root, process.argv[2] ?? "static");
const loader = "src/widget/loader.ts";

process.chdir(root);
process.env.NODE_ENV = "production";
process.env.CC_UI_OUT = out;
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
if (existsSync("public")) cpSync("public", out, { recursive: true });

const { build } = await import("vite");
for (const entry of [...readdirSync(".").filter((name) => name.endsWith(".html")).sort(), loader]) {
  process.env.CC_UI_ENTRY = entry;
  await build({ configFile: join(root, "vite.config.ts"), logLevel: "warn" });
  console.log(`  built ${entry}`);
}
