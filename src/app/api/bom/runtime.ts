import { createRequire } from "node:module";
import type { ModelBomFacts } from "../../report/index.ts";

/** What loads models here. */
export function runtimeHere(): ModelBomFacts["runtime"] {
  const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string };
  return { name: "onnxruntime-node", version };
}
