/** What waits in a {@link Queue}. */
export interface Waiting {
  readonly rows: number;
  readonly bytes: number;
  /** Never shares a run. */
  readonly alone: boolean;
  /** Answered, given up or expired: skipped when its turn comes. */
  readonly settled: boolean;
}

/** What one run may hold. */
export interface RunLimits {
  readonly rows: number;
  readonly bytes: number;
}

/** Requests waiting for a run, in groups that may share one. */
export interface Queue<T extends Waiting> {
  readonly requests: number;
  readonly rows: number;
  readonly bytes: number;
  push(key: string, item: T): void;
  /** Counts an item out that was settled while it waited. */
  drop(item: T): void;
  /** The next run: items of one group, oldest first, within the limits together, but always at least one item. */
  take(limits: RunLimits): T[];
}

interface Group<T> {
  items: T[];
  head: number;
}

/**
 * Groups take turns: after a run of one group it goes to the end, so that a flood of one shape cannot starve another.
 * Each item is touched a constant number of times.
 */
export function createQueue<T extends Waiting>(): Queue<T> {
  // A map keeps insertion order: the first group is the one whose turn it is.
  const groups = new Map<string, Group<T>>();
  let requests = 0;
  let rows = 0;
  let bytes = 0;

  const count = (item: T, sign: 1 | -1): void => {
    requests += sign;
    rows += sign * item.rows;
    bytes += sign * item.bytes;
  };

  function takeFrom(group: Group<T>, limits: RunLimits): T[] {
    const taken: T[] = [];
    let left = limits;
    for (; group.head < group.items.length; group.head++) {
      const item = group.items[group.head]!;
      if (item.settled) continue;
      if (taken.length > 0 && (item.alone || taken[0]!.alone || item.rows > left.rows || item.bytes > left.bytes)) break;
      taken.push(item);
      left = { rows: left.rows - item.rows, bytes: left.bytes - item.bytes };
      count(item, -1);
    }
    return taken;
  }

  return {
    get requests() {
      return requests;
    },
    get rows() {
      return rows;
    },
    get bytes() {
      return bytes;
    },
    push(key, item) {
      let group = groups.get(key);
      if (!group) groups.set(key, (group = { items: [], head: 0 }));
      group.items.push(item);
      count(item, 1);
    },
    drop: (item) => count(item, -1),
    take(limits) {
      for (const [key, group] of groups) {
        const taken = takeFrom(group, limits);
        groups.delete(key);
        if (group.head < group.items.length) {
          compact(group);
          groups.set(key, group);
        }
        if (taken.length > 0) return taken;
      }
      return [];
    },
  };
}

function compact<T>(group: Group<T>): void {
  if (group.head < 1024 || group.head * 2 < group.items.length) return;
  group.items = group.items.slice(group.head);
  group.head = 0;
}
