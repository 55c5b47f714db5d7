import { closeSync, writeSync } from "node:fs";
import { Budget } from "../engine/context.ts";
import { defaultLimits } from "../engine/limits.ts";
import type { ScanLimits } from "../engine/limits.ts";
import type { ScanOptions } from "../engine/context.ts";
import { joined, joinedFindings } from "../engine/together.ts";
import type { Together } from "../k8s/cluster.ts";
import { refused } from "../refuse.ts";
import type { ScannedTarget } from "../result.ts";
import { openDescriptor } from "./file-source.node.ts";
import { diskScratch, namelessFile } from "./scratch.node.ts";
import { scanOpenFile, walk } from "./walk.node.ts";

export interface ScanPathOptions extends ScanOptions {
  readonly limits?: Partial<ScanLimits>;
  /** Given by a caller that scans several paths and joins their findings itself ({@link joinedFindings}). */
  readonly together?: Together;
}

/**
 * Everything at and below a path, a target at a time.
 * @throws NodeJS.ErrnoException when there is nothing at the path
 * @example
 * for (const target of scanPath("models/")) console.log(target.path, target.findings.length);
 */
export function scanPath(path: string, { limits, together, ...options }: ScanPathOptions = {}): Generator<ScannedTarget> {
  const parts = { options, limits: { ...defaultLimits, ...limits }, together: together ?? [] };
  return together === undefined ? joined(walk(path, parts), parts) : walk(path, parts);
}

/** Most bytes that are taken from a stream. */
const maxStreamBytes = 2 ** 36;

/**
 * A stream (standard input) as one file called `-`: kept in a temporary file without a name while it is looked at, because parsing
 * must go back and forth.
 */
export async function scanStream(
  chunks: AsyncIterable<Uint8Array>,
  { limits: given, together: shared, ...options }: ScanPathOptions = {},
): Promise<ScannedTarget[]> {
  const limits = { ...defaultLimits, ...given };
  const descriptor = namelessFile();
  const scratch = diskScratch();
  try {
    let length = 0;
    for await (const chunk of chunks) {
      length += chunk.length;
      if (length > maxStreamBytes) throw refused(`standard input goes on after ${maxStreamBytes} bytes`);
      for (let at = 0; at < chunk.length;) at += writeSync(descriptor, chunk, at);
    }
    const file = openDescriptor(descriptor);
    const together = shared ?? [];
    const context = { path: "-", options, limits, depth: 0, budget: new Budget(limits), together, scratch };
    const targets = [...scanOpenFile(file, context)];
    return shared === undefined ? [...joinedFindings(targets, context)] : targets;
  } finally {
    scratch.close();
    closeSync(descriptor);
  }
}
