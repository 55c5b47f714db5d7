/** Holds every import, call and change of a pickle to the list: what is not on it is refused, and told with the call that would happen. */

import { isDangerous } from "./allow/dangerous.ts";
import { allowedGlobal } from "./allow/lookup.ts";
import { classBehind, mayCall } from "./calls.ts";
import { mayTake, namesInner } from "./instance.ts";
import type { Call, Listener } from "./machine.ts";
import { contradicts } from "./numpy-type.ts";
import { describe, PyGlobal, PyObject, PyPersistent } from "./values.ts";
import type { PyBytes, Value } from "./values.ts";

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
      { what: "import", subject, act: `imports ${subject}`, dangerous: isDangerous(module, name), offset, opcode: "GLOBAL" },
      `import ${subject}`,
    );
  }

  call({ object, via, isNew, offset }: Call): void {
    this.calls++;
    const { args } = object;
    const callable = classBehind(object.callable);
    if (mayCall(callable, args, { isNew, nested: this.keepNested })) return;
    this.bad.add(object);
    const global = callable instanceof PyGlobal ? callable : undefined;
    const subject = global === undefined ? describe(callable) : `${global.module}.${global.name}`.slice(0, 200);
    const importedAt = global === undefined ? undefined : this.imports.get(global);
    this.refuse(
      {
        what: "call",
        subject,
        act: `calls ${describe(object)}`.slice(0, 400),
        dangerous:
          global === undefined ||
          allowedGlobal(global.module, global.name) !== undefined ||
          isDangerous(global.module, global.name),
        offset,
        ...(importedAt === undefined ? {} : { importedAt }),
        opcode: via,
      },
      `call ${subject} ${describe(args)}`,
    );
  }

  private readonly keepNested = (bytes: PyBytes): boolean => {
    if (this.nested.length >= 10_000) return false;
    this.nested.push(bytes);
    return true;
  };

  build(target: Value, state: Value, offset: number): void {
    if (this.bad.has(target)) return; // told already
    if (target instanceof PyPersistent) return;
    if (target instanceof PyObject && !namesInner(state) && !contradicts(target, state)) return;
    const subject = describe(target);
    const act =
      target instanceof PyGlobal ? `rewrites ${subject}, for every later use of it` : `sets inner attributes of ${subject}`;
    this.refuse({ what: "build", subject, act, dangerous: true, offset, opcode: "BUILD" }, `build ${subject}`);
  }

  mutate(target: Value, method: "append" | "add" | "setitem", offset: number): void {
    if (this.bad.has(target) || (target instanceof PyObject && mayTake(target, method))) return;
    const subject = describe(target);
    this.refuse(
      { what: "build", subject, act: `calls ${subject}.${method}`, dangerous: true, offset, opcode: method.toUpperCase() },
      `build ${subject}`,
    );
  }

  /** A loader of bytes is looked into where it is called; handed on, it would load what this scan never sees. */
  kept({ module, name }: PyGlobal, offset: number): void {
    if (allowedGlobal(module, name)?.call !== "nested") return;
    const subject = `${module}.${name}`;
    const act = `hands on ${subject}, for others to call with what nobody has looked at`;
    this.refuse({ what: "call", subject, act, dangerous: true, offset, opcode: "GLOBAL" }, `kept ${subject}`);
  }

  /** Data between opcodes whose length only the loader knows: what lies behind is opcodes to one and data to the other. */
  hidden(target: Value, why: string, offset: number): void {
    const subject = describe(target);
    this.refuse(
      { what: "build", subject, act: `hides bytes from a scan: ${why}`, dangerous: true, offset, opcode: "BUILD" },
      `hidden ${offset}`,
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
