import { readFileSync } from "node:fs";

/** Ours, from package.json: `dist/base/port` and `src/base/port` lie equally deep. */
export const version: string = (
  JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { version: string }
).version;
