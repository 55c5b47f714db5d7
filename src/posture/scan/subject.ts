import type { ByteSource } from "./bytes/source.ts";

/**
 * What rules look at: a parsed document of one type. A kind that parses a new type adds it here by declaration merging, in its own folder:
 *
 * @example
 * declare module "../subject.ts" {
 *   interface Subjects { manifest: Manifest }
 * }
 */
export interface Subjects {
  /** The bytes themselves, whatever they are. */
  bytes: ByteSource;
  /** A file that begins as one format and that other programs read as another. */
  "two-formats": { readonly first: string; readonly second: string };
}

export type SubjectType = keyof Subjects;

/** One parsed document with the name of its type. */
export type Subject = { [K in SubjectType]: { readonly type: K; readonly value: Subjects[K] } }[SubjectType];
