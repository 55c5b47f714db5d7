export interface Closable {
  close(): Promise<void>;
}

export interface Closers {
  /** Hands the thing back, so that it can be opened and noted in one line. */
  add<T extends Closable>(thing: T): T;
  /** Closes in reverse order, all of them even when one fails; the first failure is thrown at the end. A second call waits for the first. */
  close(): Promise<void>;
}

/** What was opened, in order. */
export function createClosers(): Closers {
  const things: Closable[] = [];
  let closing: Promise<void> | undefined;
  return {
    add(thing) {
      things.push(thing);
      return thing;
    },
    close: () => (closing ??= closeInReverse(things)),
  };
}

async function closeInReverse(things: readonly Closable[]): Promise<void> {
  const failures: unknown[] = [];
  for (const thing of things.toReversed()) await thing.close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
