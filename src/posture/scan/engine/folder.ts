import type { ByteSource } from "../bytes/source.ts";

/** What lies at a path relative to a folder, looked at without following links. */
export interface PlaceFacts {
  readonly exists: boolean;
  /** The first part of the path that is a symbolic link, at any depth. */
  readonly linkAt?: string;
  readonly isFile: boolean;
  readonly hardLinks: number;
  readonly sizeBytes: number;
}

/** A folder and what is in it, for formats of several files. Paths are relative, with `/`; none leads outside. */
export interface FolderSource {
  /** Relative paths of all files below, sorted, at most `limit`. Links are not followed. */
  list(limit?: number): readonly string[];
  /** The bytes of a file below; undefined when there is no regular file. The engine closes it. */
  open(path: string): ByteSource | undefined;
  facts(path: string): PlaceFacts;
}
