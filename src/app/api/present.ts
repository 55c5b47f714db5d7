/** The same without the fields that are undefined: rooms tell "not given" by absence. */
export function present<T extends object>(input: T): Present<T> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Present<T>;
}

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };
