/** mtime in nanoseconds, size, inode: a rename over the file changes the last even when the first two agree. */
export function stampOf(stats: {
  readonly mtimeNs: bigint;
  readonly size: bigint | number;
  readonly ino: bigint | number;
}): string {
  return `${stats.mtimeNs}:${stats.size}:${stats.ino}`;
}
