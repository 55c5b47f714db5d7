/**
 * Where a worker thread or child process starts. Node 20 strips no types, so code that runs from `src/` (tests)
 * starts its workers from the compiled twin in `dist/`; compiled code starts the file beside it.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ModelkeepError, quote } from "../error/index.ts";

/**
 * The URL to start a worker from. `file` is relative to the caller and ends in `.ts`, as imports here do.
 * @example
 * new Worker(workerEntry(import.meta.url, "./hash-worker.ts"));
 * @throws port/not-built when running from source without a build
 */
export function workerEntry(callerUrl: string, file: `./${string}.ts` | `../${string}.ts`): URL {
  const wanted = new URL(file, callerUrl);
  if (!new URL(callerUrl).pathname.endsWith(".ts")) return new URL(wanted.href.replace(/\.ts$/, ".js"));

  const source = new URL("../../", import.meta.url); // this file is <root>/src/base/port/entry.node.ts
  const compiled = new URL("../dist/", source);
  const inside = wanted.href.slice(source.href.length).replace(/\.ts$/, ".js");
  const twin = new URL(inside, compiled);
  if (!wanted.href.startsWith(source.href) || !existsSync(twin)) {
    throw new ModelkeepError("port/not-built", {
      message: `the worker ${quote(fileURLToPath(wanted))} has no compiled twin`,
      hint: "run `npm run build` first: workers start from dist/",
    });
  }
  return twin;
}
