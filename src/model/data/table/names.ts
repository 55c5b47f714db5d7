import { ModelkeepError, nearest, quote } from "../../../base/error/index.ts";
import { place } from "../refuse.ts";

/**
 * Where each wanted column stands among the names of a file.
 * @throws data/unknown-name, with the nearest
 */
export function placesOf(file: string, names: readonly string[], wanted: readonly string[]): readonly number[] {
  return wanted.map((name) => {
    const found = names.indexOf(name);
    if (found === -1) throw unknownColumn(file, name, names);
    return found;
  });
}

/** `data/unknown-name`. */
export function unknownColumn(file: string, name: string, names: readonly string[]): ModelkeepError {
  const near = nearest(name, names);
  const sign = names.length === 1 ? /[;|\t]/.exec(names[0]!)?.[0] : undefined;
  const all = names.slice(0, 12).map((known) => quote(known));
  return new ModelkeepError("data/unknown-name", {
    message: `${place(file)}: it has no column ${quote(name)}`,
    hint:
      sign !== undefined
        ? `its only column is ${all[0]}: has the file another delimiter? --delimiter ${quote(sign)}`
        : near === undefined
          ? `its columns are ${all.join(", ")}`
          : `did you mean ${quote(near)}?`,
    status: 400,
  });
}
