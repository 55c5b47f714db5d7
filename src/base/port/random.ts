/** Randomness for secrets, salts and ids as a port. Statistical sampling uses seeded generators instead. */
export interface Random {
  /** `length` fresh random bytes, uniform and unpredictable. */
  bytes(length: number): Uint8Array;
}

/** The platform's cryptographic generator (W3C Web Cryptography, `getRandomValues`, at most 65,536 bytes a call). */
export const systemRandom: Random = {
  bytes(length) {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(out.subarray(at, at + 65_536));
    return out;
  },
};
