import { createHash } from "node:crypto";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scratch } from "../engine/scratch.ts";
import { descriptorSource } from "./file-source.node.ts";

/** A file without a name: the system takes it back even when this process is killed. */
export function namelessFile(): number {
  const folder = mkdtempSync(join(tmpdir(), "modelkeep-scan-"));
  try {
    return openSync(join(folder, "bytes"), "wx+", 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Room in the folder for temporary files. What was created is closed by `close`. */
export function diskScratch(): Scratch & { close(): void } {
  const open: number[] = [];
  return {
    create() {
      const descriptor = namelessFile();
      open.push(descriptor);
      let length = 0;
      return {
        write(bytes) {
          for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
          length += bytes.length;
        },
        source: () => descriptorSource(descriptor, length),
      };
    },
    sha256() {
      const hash = createHash("sha256");
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
    },
    close() {
      for (const descriptor of open.splice(0)) closeSync(descriptor);
    },
  };
}
