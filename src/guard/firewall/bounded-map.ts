/**
 * A map that cannot be made to grow: every entry has a worth that falls with time, worthless ones go, and when it is full the
 * least worthy of a sample and of the newest makes room. A spray of a million addresses therefore costs a fixed amount of memory, and pushes
 * out the spray's own entries (one request each) rather than those of clients that are worth remembering.
 */
export interface BoundedMap<Value> {
  readonly size: number;
  get(key: string): Value | undefined;
  set(key: string, value: Value, nowMs: number): void;
  delete(key: string): void;
  entries(): Iterable<[string, Value]>;
}

export interface BoundedMapOptions<Value> {
  readonly maxEntries: number;
  /** At or below 0 the entry says nothing that its absence would not say. */
  readonly worth: (value: Value, nowMs: number) => number;
}

/** Entries looked at for each new one. More than one, so that the hand goes round faster than new entries come. */
const sweep = 4;
/** When the map is full, the least worthy is looked for among so many that come next in the round, and so many of the newest. */
const sample = 8;

export function createBoundedMap<Value>({ maxEntries, worth }: BoundedMapOptions<Value>): BoundedMap<Value> {
  const entries = new Map<string, Value>();
  const newest: string[] = []; // a ring of keys
  let inserted = 0;
  let hand = entries.entries();

  /** The next entry in the round; a Map's iterator follows inserts and deletes. */
  function next(): [string, Value] | undefined {
    const step = hand.next();
    if (!step.done) return step.value;
    hand = entries.entries();
    return hand.next().value;
  }

  function dropWorthless(nowMs: number): void {
    for (let i = 0; i < sweep; i++) {
      const entry = next();
      if (entry && worth(entry[1], nowMs) <= 0) entries.delete(entry[0]);
    }
  }

  function makeRoom(nowMs: number): void {
    let least: string | undefined;
    let leastWorth = Infinity;
    const consider = (key: string, value: Value) => {
      const itsWorth = worth(value, nowMs);
      if (itsWorth >= leastWorth) return;
      least = key;
      leastWorth = itsWorth;
    };
    for (let i = 0; i < sample; i++) {
      const entry = next();
      if (entry) consider(entry[0], entry[1]);
    }
    for (const key of newest) {
      const value = entries.get(key);
      if (value !== undefined) consider(key, value);
    }
    if (least !== undefined) entries.delete(least);
  }

  return {
    get size() {
      return entries.size;
    },
    get: (key) => entries.get(key),
    set(key, value, nowMs) {
      if (!entries.has(key)) {
        dropWorthless(nowMs);
        if (entries.size >= maxEntries) makeRoom(nowMs);
        newest[inserted++ % sample] = key;
      }
      entries.set(key, value);
    },
    delete: (key) => void entries.delete(key),
    entries: () => entries.entries(),
  };
}
