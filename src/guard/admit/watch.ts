import { statSync } from "node:fs";

/** Looks at files every so often, and calls when one is another file than before: Kubernetes swaps links under a mounted secret. */
export function watchFiles(paths: readonly string[], everyMs: number, changed: () => void): { close(): void } {
  let before = stampOf(paths);
  const timer = setInterval(() => {
    const now = stampOf(paths);
    if (now === before) return;
    before = now;
    changed();
  }, everyMs);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

function stampOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
      return stats === undefined ? "none" : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
    })
    .join("\n");
}
