/** Holds every import, call and change of a pickle to the list: what is not on it is refused, and told with the call that would happen. */

import { allowedGlobal } from "./allow/lookup.ts";
import type { Allowed, Check } from "./allow/lookup.ts";
import { isDangerous } from "./allow/dangerous.ts";
import type { Call, Listener } from "./machine.ts";
import { describe, PyBytes, PyDict, PyGlobal, PyObject, PyPersistent, PyTuple } from "./values.ts";
import type { Value } from "./values.ts";

/** Something a pickle would do and may not. */
export interface Refusal {
  readonly what: "import" | "call" | "build" | "name" | "extension";
  /** `os.system`. */
  readonly subject: string;
  /** The call, import or change as a short line. */
  readonly act: string;
  readonly dangerous: boolean;
  /** Of the opcode, in bytes from the beginning of the file. */
  readonly offset: number;
  /** Of the import that a call uses. */
  readonly importedAt?: number;
  readonly opcode: string;
}

/** More refusals of one file help nobody. */
const maxRefusals = 200;

export class Judge implements Listener {
  readonly refusals: Refusal[] = [];
  /** Every global that was named and is allowed, once. */
  readonly globals = new Set<string>();
  /** Bytes that an allowed call would unpickle in turn. */
  readonly nested: PyBytes[] = [];
  /** Ids of persistent values, while they are few enough to matter to anybody. */
  readonly storages: Value[] = [];
  calls = 0;
  afterBuild: Listener["afterBuild"];
  private readonly imports = new Map<PyGlobal, number>();
  private readonly bad = new Set<Value>();
  private readonly told = new Set<string>();

  private refuse(refusal: Refusal, key: string): void {
    if (this.told.has(key) || this.refusals.length >= maxRefusals) return;
    this.told.add(key);
    this.refusals.push(refusal);
  }

  global(global: PyGlobal, offset: number, literal: boolean): void {
    const { module, name } = global;
    const subject = `${module}.${name}`.slice(0, 200);
    this.imports.set(global, offset);
    if (!literal) {
      this.bad.add(global);
      const act = `imports ${subject}, a name that is made while it runs`;
      this.refuse({ what: "name", subject, act, dangerous: true, offset, opcode: "STACK_GLOBAL" }, `name ${offset}`);
      return;
    }
    if (allowedGlobal(module, name) !== undefined) {
      if (this.globals.size < 10_000) this.globals.add(subject);
      return;
    }
    this.bad.add(global);
    this.refuse(
      { what: "import", subject, act: `imports ${subject}`, dangerous: isDangerous(module), offset, opcode: "GLOBAL" },
      `import ${subject}`,
    );
  }

  call({ object, via, isNew, offset }: Call): void {
    this.calls++;
    const { args } = object;
    const callable = module(object.callable);
    if (this.mayCall(callable, args, isNew)) return;
    this.bad.add(object);
    const global = callable instanceof PyGlobal ? callable : undefined;
    const subject = global === undefined ? describe(callable) : `${global.module}.${global.name}`.slice(0, 200);
    const importedAt = global === undefined ? undefined : this.imports.get(global);
    this.refuse(
      {
        what: "call",
        subject,
        act: `calls ${describe(object)}`.slice(0, 400),
        dangerous: global === undefined || allowedGlobal(global.module, global.name) !== undefined || isDangerous(global.module),
        offset,
        ...(importedAt === undefined ? {} : { importedAt }),
        opcode: via,
      },
      `call ${subject} ${describe(args)}`,
    );
  }

  private mayCall(callable: Value, args: Value, isNew: boolean): boolean {
    if (!(callable instanceof PyGlobal)) return false;
    const allowed = allowedGlobal(callable.module, callable.name);
    if (allowed === undefined) return false;
    if (isNew && allowed.make) return true;
    if (allowed.call === "no") return false;
    if (!(args instanceof PyTuple)) return false;
    return allowed.call === "any" || this.passes(allowed.call, callable, args.items);
  }

  private passes(check: Check, { name }: PyGlobal, args: readonly Value[]): boolean {
    const [first, second] = args;
    switch (check) {
      case "literal":
        return args.every(isPlain) && !(name.startsWith("byte") && typeof first === "number" && first > 1 << 20);
      case "class":
        return isClass(first) && args.slice(1).every(isPlain);
      case "rebuild":
        return first instanceof PyGlobal && first.module === "torch._utils" && isClass(second);
      case "factory":
        return (
          first === undefined ||
          first === null ||
          (first instanceof PyGlobal && allowedGlobal(first.module, first.name)?.call === "literal")
        );
      case "reconstruct":
        return isClass(first) && second instanceof PyGlobal && /^(builtins|__builtin__)$/.test(second.module) && isClass(second);
      case "latin":
        return (
          typeof first === "string" &&
          typeof second === "string" &&
          /^(latin[-_]?1|utf[-_]?8|ascii)$/.test(second) &&
          args.length === 2
        );
      case "ufunc":
        return (
          typeof first === "string" &&
          /^numpy(\._?core\._multiarray_umath)?$/.test(first) &&
          typeof second === "string" &&
          isNamed("numpy", second)
        );
      case "nested":
        if (!(first instanceof PyBytes) || args.length !== 1 || this.nested.length >= 10_000) return false;
        this.nested.push(first);
        return true;
    }
  }

  build(target: Value, state: Value, offset: number): void {
    if (this.bad.has(target)) return; // told already
    if (target instanceof PyPersistent || (target instanceof PyObject && !setsDunder(state))) return;
    const subject = describe(target);
    const act =
      target instanceof PyGlobal ? `rewrites ${subject}, for every later use of it` : `sets inner attributes of ${subject}`;
    this.refuse({ what: "build", subject, act, dangerous: true, offset, opcode: "BUILD" }, `build ${subject}`);
  }

  mutate(target: Value, method: string, offset: number): void {
    if (this.bad.has(target) || target instanceof PyObject || target instanceof PyPersistent) return;
    const subject = describe(target);
    this.refuse(
      { what: "build", subject, act: `calls ${subject}.${method}`, dangerous: true, offset, opcode: method.toUpperCase() },
      `build ${subject}`,
    );
  }

  persistent(id: Value): void {
    if (this.storages.length < 1 << 20) this.storages.push(id);
  }

  extension(code: number, offset: number): void {
    const act = `uses extension code ${code}, which only the loading process can resolve`;
    this.refuse(
      { what: "extension", subject: `extension ${code}`, act, dangerous: true, offset, opcode: "EXT" },
      `extension ${code}`,
    );
  }
}

/** PyTorch before 1.6 gives a class together with its source as the persistent id `("module", class, file, source)`; its loader answers the class. */
function module(callable: Value): Value {
  if (!(callable instanceof PyPersistent) || !(callable.id instanceof PyTuple)) return callable;
  const [word, type] = callable.id.items;
  return word === "module" && type instanceof PyGlobal ? type : callable;
}

/** Not a lazy sequence that a container would write out: `list(range(10**12))`. */
function isPlain(value: Value): boolean {
  return !(value instanceof PyObject && value.callable instanceof PyGlobal && value.callable.name === "range");
}

function isClass(value: Value | undefined): boolean {
  return value instanceof PyGlobal && allowedGlobal(value.module, value.name)?.make === true;
}

function isNamed(module: string, name: string): boolean {
  const found: Allowed | undefined = allowedGlobal(module, name);
  return found !== undefined && !found.make;
}

/** The second part of a two-part state is set attribute by attribute: `__class__` there changes what the object is. */
function setsDunder(state: Value): boolean {
  if (!(state instanceof PyTuple) || state.items.length !== 2) return false;
  const slots = state.items[1];
  return (
    slots instanceof PyDict && slots.pairs.some((key, i) => i % 2 === 0 && (typeof key !== "string" || key.startsWith("__")))
  );
}
