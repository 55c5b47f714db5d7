import { bytesSource } from "./bytes/source.ts";
import { Budget } from "./engine/context.ts";
import type { ScanOptions } from "./engine/context.ts";
import type { FolderSource } from "./engine/folder.ts";
import { defaultLimits } from "./engine/limits.ts";
import type { ScanLimits } from "./engine/limits.ts";
import { scanSource } from "./engine/scan-source.ts";
import { joinedFindings } from "./engine/together.ts";
import type { Together } from "./k8s/cluster.ts";
import type { ScannedTarget } from "./result.ts";

export interface ScanBytesOptions extends ScanOptions {
  readonly limits?: Partial<ScanLimits>;
  /** The folder that the file stands in, for formats of several files. */
  readonly folder?: FolderSource;
}

/**
 * A file that is in memory, and everything inside it. Portable: the same in a browser.
 * @example
 * const [file] = scanBytes(bytes, "model.pt");
 * file?.findings.map(({ rule, message }) => `${rule}: ${message}`);
 */
export function scanBytes(
  bytes: Uint8Array,
  name: string,
  { limits: given, folder, ...options }: ScanBytesOptions = {},
): ScannedTarget[] {
  const limits = { ...defaultLimits, ...given };
  const together: Together = [];
  const context = { path: name, options, limits, depth: 0, folder, budget: new Budget(limits), together };
  return [...joinedFindings([...scanSource(bytesSource(bytes), context)], context)];
}
