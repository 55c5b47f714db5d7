/** What a verification found, and which entry it makes doubtful. */

/** More reasons help nobody. */
const maxReasons = 50;

export class Findings {
  readonly reasons: string[] = [];
  readonly #doubts: { readonly entry: number; readonly span: number }[] = [];

  /** `entry` is the first of `span` entries that this makes doubtful. */
  add(reason: string, entry?: number, span = 1): void {
    if (this.reasons.length < maxReasons) this.reasons.push(reason);
    else if (this.reasons.length === maxReasons) this.reasons.push("and more");
    if (entry !== undefined && this.#doubts.length < 10_000) this.#doubts.push({ entry, span });
  }

  /** The first doubtful entry; of a doubt over many entries, the one inside that a narrower doubt names. */
  get firstBad(): number | null {
    let first: number | null = null;
    for (const { entry, span } of this.#doubts) {
      const narrower = this.#doubts.some((other) => other.span < span && other.entry >= entry && other.entry < entry + span);
      if (!narrower && (first === null || entry < first)) first = entry;
    }
    return first;
  }
}
