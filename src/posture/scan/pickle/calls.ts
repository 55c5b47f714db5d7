/** May a call be made: what the list says of the callable, held to the arguments at hand. */

import { bytesSource, copyOf } from "../bytes/source.ts";
import { allowedGlobal } from "./allow/lookup.ts";
import type { Allowed, Check } from "./allow/lookup.ts";
import { PyBytes, PyDict, PyGlobal, PyLongText, PyObject, PyPersistent, PyTuple } from "./values.ts";
import type { Value } from "./values.ts";

/** Bytes that an allowed call would unpickle in turn go to `nested`, which answers false when there are too many. */
export interface CallContext {
  readonly isNew: boolean;
  readonly nested: (bytes: PyBytes) => boolean;
}

export function mayCall(callable: Value, args: Value, { isNew, nested }: CallContext): boolean {
  if (!(callable instanceof PyGlobal)) return false;
  const allowed = allowedGlobal(callable.module, callable.name);
  if (allowed === undefined) return false;
  if (isNew && allowed.make) return true;
  if (allowed.call === "no") return false;
  if (!(args instanceof PyTuple)) return false;
  return allowed.call === "any" || passes[allowed.call](args.items, { callable, nested });
}

type Passing = (
  args: readonly Value[],
  context: { readonly callable: PyGlobal; readonly nested: CallContext["nested"] },
) => boolean;

const isBuiltins = (value: Value | undefined): value is PyGlobal =>
  value instanceof PyGlobal && /^(builtins|__builtin__)$/.test(value.module);

const passes: Readonly<Record<Check, Passing>> = {
  literal: (args, { callable: { name } }) => {
    const [first] = args;
    return args.every(isPlain) && !(name.startsWith("byte") && typeof first === "number" && first > 1 << 20);
  },
  nothing: (args) => args.length === 0,
  // The second argument, and a type in place of the first, are called.
  generator: (args) =>
    args.length <= 2 && args.every((arg) => !(arg instanceof PyGlobal) || arg.module.startsWith("numpy.random.")),
  // `Fraction("1e999999999")` works out the power.
  fraction: (args) => args.every((arg) => isPlain(arg) && !(typeof arg === "string" && /e[+-]?_?\d[\d_]{3}/i.test(arg))),
  class: ([first, ...rest]) => isClass(first) && rest.every(isPlain),
  // The fourth argument is set attribute by attribute (`torch._utils._set_obj_state`).
  rebuild: ([first, second, , state = null]) =>
    first instanceof PyGlobal && first.module === "torch._utils" && isClass(second) && isQuiet(state),
  parameter: ([, , , state = null]) => isQuiet(state),
  factory: ([first = null]) =>
    first === null || (first instanceof PyGlobal && allowedGlobal(first.module, first.name)?.call === "literal"),
  reconstruct: ([first, second]) => isClass(first) && isBuiltins(second) && isClass(second),
  // NumPy's own pickles make an empty array and give it its state.
  array: ([first, shape]) => isClass(first) && shape instanceof PyTuple && shape.items.length === 1 && shape.items[0] === 0,
  latin: (args) => {
    const [first, second] = args;
    return (
      (typeof first === "string" || first instanceof PyLongText) &&
      typeof second === "string" &&
      /^(latin[-_]?1|utf[-_]?8|ascii)$/.test(second) &&
      args.length === 2
    );
  },
  ufunc: ([first, second]) =>
    typeof first === "string" &&
    /^numpy(\._?core\._multiarray_umath)?$/.test(first) &&
    typeof second === "string" &&
    isNamed("numpy", second),
  nested: (args, { nested }) => {
    const bytes = bytesOf(args[0]);
    return bytes !== undefined && args.length === 1 && nested(bytes);
  },
};

/** Bytes as they stand, or as protocols before 3 write them: `_codecs.encode(text, "latin1")`. */
function bytesOf(value: Value | undefined): PyBytes | undefined {
  if (value instanceof PyBytes) return value;
  if (!(value instanceof PyObject) || !(value.callable instanceof PyGlobal) || !(value.args instanceof PyTuple)) return undefined;
  const [text, codec] = value.args.items;
  if (value.callable.module !== "_codecs" || codec !== "latin1") return undefined;
  const whole =
    text instanceof PyLongText
      ? new TextDecoder().decode(copyOf(text.source, text.offset, text.length))
      : typeof text === "string"
        ? text
        : undefined;
  if (whole === undefined) return undefined;
  const bytes = Uint8Array.from(whole, (char) => char.charCodeAt(0));
  return new PyBytes(bytesSource(bytes), 0, bytes.length);
}

/** Not a lazy sequence that a container would write out: `list(range(10**12))`. */
function isPlain(value: Value): boolean {
  return !(value instanceof PyObject && value.callable instanceof PyGlobal && /^x?range$/.test(value.callable.name));
}

function isClass(value: Value | undefined): boolean {
  return value instanceof PyGlobal && allowedGlobal(value.module, value.name)?.make === true;
}

function isNamed(module: string, name: string): boolean {
  const found: Allowed | undefined = allowedGlobal(module, name);
  return found !== undefined && !found.make;
}

/** A state that names nothing of Python's own: none, a dictionary, or a pair of these. */
function isQuiet(state: Value): boolean {
  if (state === null) return true;
  if (state instanceof PyDict) return !state.inner;
  return (
    state instanceof PyTuple &&
    state.items.length === 2 &&
    state.items.every((part) => part === null || (part instanceof PyDict && !part.inner))
  );
}

/** PyTorch before 1.6 gives a class together with its source as the persistent id `("module", class, file, source)`; its loader answers the class. */
export function classBehind(callable: Value): Value {
  if (!(callable instanceof PyPersistent) || !(callable.id instanceof PyTuple)) return callable;
  const [word, type] = callable.id.items;
  return word === "module" && type instanceof PyGlobal ? type : callable;
}
