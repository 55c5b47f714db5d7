/** Small bytes for the fixtures of rules. */

/** One byte a character. */
export function raw(text: string): () => Uint8Array {
  return () => Uint8Array.from(text, (char) => char.charCodeAt(0));
}
