/** Named bytes: a folder by default, any S3-compatible store in production. */
export interface Objects {
  /** The object's bytes, or undefined when there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Stores the object whole or not at all; durable when the promise settles. */
  put(key: string, body: Uint8Array): Promise<void>;
  /** Removes the object; removing what is not there is fine. */
  delete(key: string): Promise<void>;
  /** Every object whose key starts with `prefix`, in key order. */
  list(prefix: string): AsyncIterable<{ readonly key: string; readonly sizeBytes: number }>;
}
