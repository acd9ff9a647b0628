// Fails when a built page weighs more than it may, or when it holds something that the Content-Security-Policy forbids.
// The first load is the page and all the scripts and styles its HTML names, each gzipped; lazy chunks are not part of it.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const out = resolve(dirname(fileURLToPath(import.meta.url)), "..", process.argv[2] ?? "static");
const BUDGETS_KB = { "widget.js": 3, "chat.html": 12, "console.html": 60 };
const failures = [];

const gzipKb = (name) => gzipSync(readFileSync(join(out, name)), { level: 9 }).length / 1000;

/** The files a page needs before it is usable: itself, what it names, and what those import statically. */
function firstLoad(page) {
  if (!page.endsWith(".html")) return [page];
  const html = readFileSync(join(out, page), "utf8");
  const named = [...html.matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map((m) => m[1]);
  const files = new Set(named);
  for (const file of files) {
    if (!file.endsWith(".js")) continue;
    const code = readFileSync(join(out, file), "utf8");
    for (const match of code.matchAll(/(?:\bfrom|\bimport)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)) files.add(`assets/${match[1]}`);
  }
  return [page, ...files];
}

for (const [page, budget] of Object.entries(BUDGETS_KB)) {
  if (!existsSync(join(out, page))) {
    failures.push(`${page} was not built`);
    continue;
  }
  const parts = firstLoad(page).map((name) => [name, gzipKb(name)]);
  const total = parts.reduce((sum, [, kb]) => sum + kb, 0);
  console.log(`${page.padEnd(14)} ${total.toFixed(2).padStart(6)} of ${String(budget).padStart(2)} kB gzip`);
  for (const [name, kb] of parts) if (parts.length > 1) console.log(`    ${kb.toFixed(2).padStart(6)}  ${name}`);
  if (total > budget) failures.push(`${page} weighs ${total.toFixed(2)} kB gzip; it may weigh ${budget}`);
}

for (const page of readdirSync(out).filter((name) => name.endsWith(".html"))) {
  const html = readFileSync(join(out, page), "utf8");
  if (/<script(?![^>]*\bsrc=)[^>]*>/i.test(html)) failures.push(`${page} has an inline script`);
  if (/<style\b|\sstyle=/i.test(html)) failures.push(`${page} has an inline style`);
  if (/\son[a-z]+\s*=/i.test(html)) failures.push(`${page} has an inline event handler`);
  if (/\b(?:src|href)="(?:https?:)?\/\//i.test(html)) failures.push(`${page} loads something from another site`);
}
if (/\bimport\b\s*[("{*]/.test(readFileSync(join(out, "widget.js"), "utf8"))) failures.push("widget.js imports another file");

for (const failure of failures) console.error(`FAILED: ${failure}`);
process.exit(failures.length > 0 ? 1 : 0);
