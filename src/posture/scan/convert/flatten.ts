/** From what a pickle gave to named tensors: dictionaries in dictionaries become names with dots; anything that is no tensor is refused. */

import { describe, PyDict, PyGlobal, PyList, PyObject, PyTuple } from "../pickle/values.ts";
import type { Value } from "../pickle/values.ts";
import { notConvertible } from "./refuse.ts";
import type { FoundTensor } from "./tensor.ts";

/** Makes a tensor of a value, or says that it is none. */
export type TensorOf = (value: Value, name: string) => FoundTensor | undefined;

const maxTensors = 1_000_000;

/** @throws scan/not-convertible */
export function flatten(value: Value, tensorOf: TensorOf): FoundTensor[] {
  const found: FoundTensor[] = [];
  const names = new Set<string>();
  const visit = (part: Value, name: string, depth: number): void => {
    if (depth > 16 || found.length > maxTensors) throw notConvertible("it nests too deeply, or holds too many tensors");
    const tensor = tensorOf(part, name === "" ? "array" : name);
    if (tensor !== undefined) {
      if (names.has(tensor.name) || tensor.name === "__metadata__")
        throw notConvertible(`two tensors would be called \`${tensor.name}\``);
      names.add(tensor.name);
      found.push(tensor);
      return;
    }
    for (const [key, child] of children(part, name)) visit(child, name === "" ? key : `${name}.${key}`, depth + 1);
  };
  visit(value, "", 0);
  if (found.length === 0) throw notConvertible("it holds no tensor");
  return found;
}

function children(value: Value, name: string): readonly (readonly [string, Value])[] {
  const pairs = pairsOf(value);
  if (pairs !== undefined) return pairs;
  if ((value instanceof PyList || value instanceof PyTuple) && !("dropped" in value && value.dropped > 0)) {
    return value.items.map((item, i) => [String(i), item] as const);
  }
  throw notConvertible(`\`${name === "" ? "the file" : name}\` is no tensor but ${describe(value).slice(0, 120)}`);
}

/** Entries of a dictionary; those of an ordered one come by SETITEMS after it was made, its attributes (`_metadata`) do not count. */
function pairsOf(value: Value): (readonly [string, Value])[] | undefined {
  let flat: readonly Value[] | undefined;
  if (value instanceof PyDict && value.dropped === 0) flat = value.pairs;
  else if (value instanceof PyObject && value.callable instanceof PyGlobal && value.callable.name === "OrderedDict")
    flat = value.pairs ?? [];
  if (flat === undefined) return undefined;
  const entries = new Map<string, Value>();
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const key = flat[i];
    if (typeof key !== "string" && typeof key !== "number") throw notConvertible(`a name is ${describe(key ?? null)}`);
    entries.set(String(key), flat[i + 1] as Value);
  }
  return [...entries];
}
