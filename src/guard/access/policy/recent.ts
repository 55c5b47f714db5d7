/**
 * A bounded map that keeps what was used recently: two generations, of which the older is dropped whole when the younger is full.
 * Unlike an exact least-recently-used list a hit in the young generation costs one lookup and writes nothing.
 */
export class Recent<Value> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  readonly #half: number;

  /** Holds at most `size` entries, and at least the `size / 2` used last. */
  constructor(size: number) {
    this.#half = Math.floor(size / 2);
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    if (this.#half === 0) return;
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
