import { resolve } from "node:path";
import { sourcesOf, type ModelsConfig } from "./config.ts";
import { gate, type Gated } from "./load.ts";
import { readModelFile } from "./read.ts";
import { scan } from "./scan.ts";

/** A file larger than this is read only once, when it is loaded. */
const maxCheckedBytes = 268_435_456;

/** What was read and found good, by path, so that loading need not do it again. */
export type CheckedModels = Map<string, Gated>;

/**
 * Looks at what is configured before anything is opened for it: a wrong path or a file of another framework is told at once, and leaves
 * no state behind. Loading decides; this only spares the wait.
 *
 * @throws the error of the first configured path that cannot be served
 */
export async function checkModels(config: ModelsConfig, baseDir: string): Promise<CheckedModels> {
  const sources = sourcesOf(config);
  const { candidates, refused } = await scan(sources, baseDir);
  const configured = new Set(sources.map(({ path }) => resolve(baseDir, path)));
  const fatal = refused.find(({ path }) => configured.has(path));
  if (fatal !== undefined) throw fatal.error;
  const checked: CheckedModels = new Map();
  for (const candidate of candidates.filter(({ path }) => configured.has(path))) {
    const file = await readModelFile(candidate.path, maxCheckedBytes).catch((error: { code?: string }) => {
      if (error.code === "models/too-large") return undefined;
      throw error;
    });
    // A sealed file is opened only where it is loaded.
    if (file !== undefined && !candidate.path.endsWith(".age"))
      checked.set(candidate.path, { stamp: candidate.stamp, file, ...(await gate(candidate, file)) });
  }
  return checked;
}
