import { readFileSync } from "node:fs";

/** Ours, from package.json: `dist/app/host` and `src/app/host` lie equally deep. */
export const version: string = (
  JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { version: string }
).version;
