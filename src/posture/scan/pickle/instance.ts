/** Of what class an object is, and what the methods of that class that opcodes call are known to do. */

import { PyDict, PyGlobal, PyObject, PyTuple } from "./values.ts";
import type { Value } from "./values.ts";

/** Functions whose first argument is the class of what they give. */
const makers = new Set(["_reconstructor", "__newobj__", "_reconstruct", "_mareconstruct", "newObj"]);

/** The class of an object: what was called, or what a maker was given. */
export function classOf({ callable, args }: PyObject): PyGlobal | undefined {
  if (!(callable instanceof PyGlobal)) return undefined;
  if (!makers.has(callable.name)) return callable;
  const first = args instanceof PyTuple ? args.items[0] : undefined;
  return first instanceof PyGlobal ? first : undefined;
}

/**
 * Classes whose `append`, `extend`, `add` or `__setitem__` keeps an item and does nothing else. An unpickler asks the *instance* for
 * these, so an object that takes attributes (`types.SimpleNamespace`) can answer with any function that the pickle may name.
 */
const takes: Readonly<Record<"append" | "add" | "setitem", ReadonlySet<string>>> = {
  append: new Set(["collections deque", "builtins list", "__builtin__ list", "array array"]),
  add: new Set(["builtins set", "__builtin__ set"]),
  setitem: new Set([
    "collections OrderedDict",
    "collections defaultdict",
    "collections Counter",
    "builtins dict",
    "__builtin__ dict",
    "sklearn.utils Bunch",
    "sklearn.utils._bunch Bunch",
    "sklearn.utils._encode _nandict",
    "scipy.sparse._dok dok_matrix",
    "scipy.sparse._dok dok_array",
  ]),
};

/** May the opcode that calls `method` be used on this object. */
export function mayTake(target: PyObject, method: "append" | "add" | "setitem"): boolean {
  const made = classOf(target);
  if (made === undefined) return false;
  return (
    takes[method].has(`${made.module} ${made.name}`) || made.module.startsWith("__torch__") || made.name === "restore_type_tag"
  );
}

/**
 * A state that names what is Python's own: `__class__`, `__setstate__`, `__dict__`. In the second half of a two-part state, attribute by
 * attribute, any name is set that the class has a setter for; a dictionary that was copied (`OrderedDict(pairs)`) cannot be told.
 */
export function namesInner(state: Value): boolean {
  if (state instanceof PyTuple && state.items.length === 2) {
    const [first, slots] = state.items as [Value, Value];
    return namesInner(first) || namesInner(slots) || hasOddKey(slots);
  }
  if (state instanceof PyDict) return state.inner;
  if (!(state instanceof PyObject)) return false;
  const made = classOf(state);
  const isDictionary = made !== undefined && takes.setitem.has(`${made.module} ${made.name}`);
  return (
    state.inner || (isDictionary && !(state.args instanceof PyTuple && state.args.items.every((arg) => arg instanceof PyGlobal)))
  );
}

function hasOddKey(slots: Value): boolean {
  return slots instanceof PyDict && slots.pairs.some((key, i) => i % 2 === 0 && typeof key !== "string");
}
