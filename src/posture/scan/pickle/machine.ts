/**
 * The unpickler of CPython as an abstract machine: the same stack, marks, memo and frames, the same opcodes in the same order, and no
 * import and no call. What would be imported, called or changed is told to a listener, with its offset. Sources: CPython 3.11
 * `Lib/pickle.py` (class `_Unpickler`), `Modules/_pickle.c`, `Lib/pickletools.py`; PEP 307, 3154, 574.
 */

import { refused } from "../refuse.ts";
import { Halt } from "./halt.ts";
import type { Dialect, Input } from "./input.ts";
import { opcodes } from "./ops/table.ts";
import { PyGlobal, PyObject } from "./values.ts";
import type { PyDict, PyList, Value } from "./values.ts";

/** How something is called, or changed through its own methods. */
export type Via = "REDUCE" | "NEWOBJ" | "NEWOBJ_EX" | "INST" | "OBJ";

export interface Call {
  readonly object: PyObject;
  readonly via: Via;
  /** True when `__new__` is called and `__init__` is not. */
  readonly isNew: boolean;
  readonly offset: number;
}

/** What a run would do, in order. Offsets are of the opcode. */
export interface Listener {
  global(global: PyGlobal, offset: number, literal: boolean): void;
  call(call: Call): void;
  /** `__setstate__`, or attributes set one by one. */
  build(target: Value, state: Value, offset: number): void;
  /** `append`, `extend`, `add` or `__setitem__` of something that is no list, set or dictionary. */
  mutate(target: Value, method: "append" | "add" | "setitem", offset: number): void;
  persistent(id: Value, offset: number): void;
  extension(code: number, offset: number): void;
  /** A function or class that becomes part of something else, where whoever finds it may call it. */
  kept?(global: PyGlobal, offset: number): void;
  /** Returns a place in the data to go on from, for formats that put raw bytes between opcodes. */
  readonly afterBuild?:
    | ((target: Value, input: Input) => { readonly position: number; readonly replace?: Value } | undefined)
    | undefined;
}

export interface MachineOptions {
  readonly input: Input;
  readonly listener: Listener;
  /** For an exact dialect: whether a global is a class. */
  readonly isType?: (global: PyGlobal) => boolean;
  /** For an exact dialect: out-of-band buffers that the loader brings; none when left out. */
  readonly buffers?: number;
  /** Most values that are kept inside containers; more are counted. */
  readonly maxKept?: number;
}

/** Values on the stack and in the memo: no honest pickle comes near. */
const maxLive = 1 << 24;

export interface Outcome {
  /** Where the run ended: where the next pickle of the file is read, or the opcode that fails. */
  readonly position: number;
  readonly opcodes: number;
  /** Why it would fail; undefined when it reached STOP. */
  readonly failure: string | undefined;
  readonly value: Value | undefined;
}

export class Machine {
  readonly input: Input;
  readonly listener: Listener;
  readonly dialect: Dialect;
  readonly isType: (global: PyGlobal) => boolean;
  stack: Value[] = [];
  /** Where each open mark stands in the stack. */
  readonly marks: number[] = [];
  fence = 0;
  /** By index; those that only `pickle.py` can hold are beyond exact numbers, and stay whole. */
  readonly memo = new Map<number | bigint, Value>();
  /** Offset of the opcode at hand. */
  at = 0;
  protocol = 0;
  buffersLeft: number | undefined;
  private kept = 0;
  private readonly maxKept: number;
  private result: Value | undefined;
  private stopped = false;

  constructor({ input, listener, isType = () => true, buffers, maxKept = 1 << 21 }: MachineOptions) {
    this.input = input;
    this.dialect = input.dialect;
    this.listener = listener;
    this.isType = isType;
    this.buffersLeft = buffers;
    this.maxKept = maxKept;
  }

  /** Runs to STOP or to where CPython would raise. @throws scan/refused for what would take too much memory */
  run(): Outcome {
    let count = 0;
    try {
      while (!this.stopped) {
        this.at = this.input.position;
        const code = this.input.opcode();
        if (code === -1) throw new Halt("the data ends before STOP");
        const act = opcodes[code];
        if (act === undefined) throw new Halt(`byte 0x${code.toString(16).padStart(2, "0")} is no opcode`);
        count++;
        act(this);
      }
    } catch (error) {
      if (!(error instanceof Halt)) throw error;
      return { position: this.at, opcodes: count, failure: error.message, value: undefined };
    }
    return { position: this.input.consumed, opcodes: count, failure: undefined, value: this.result };
  }

  stop(): void {
    this.result = this.pop();
    this.stopped = true;
  }

  get exact(): boolean {
    return this.dialect !== "either";
  }

  push(value: Value): void {
    if (this.stack.length >= maxLive) throw refused(`the pickle keeps more than ${maxLive} values at once`);
    this.stack.push(value);
  }

  pop(): Value {
    if (this.stack.length <= this.fence) throw new Halt("the stack is empty");
    return this.stack.pop() as Value;
  }

  top(): Value {
    if (this.stack.length <= this.fence) throw new Halt("the stack is empty");
    return this.stack.at(-1) as Value;
  }

  replaceTop(value: Value): void {
    this.stack[this.stack.length - 1] = value;
  }

  mark(): void {
    if (this.marks.length >= maxLive) throw refused(`the pickle opens more than ${maxLive} marks`);
    this.marks.push(this.stack.length);
    this.fence = this.stack.length;
  }

  /** Closes the last mark and says where it stood. */
  closeMark(): number {
    const at = this.marks.pop();
    if (at === undefined) throw new Halt("there is no mark");
    this.fence = this.marks.at(-1) ?? 0;
    return at;
  }

  /** The items above the last mark, taken off. */
  popMark(): Value[] {
    return this.popLast(this.stack.length - this.closeMark());
  }

  /** The last items, taken off to become part of something. */
  popLast(count: number): Value[] {
    const items = this.stack.splice(this.stack.length - count);
    for (const item of items) if (item instanceof PyGlobal) this.listener.kept?.(item, this.at);
    return items;
  }

  memoize(index: number | bigint, value: Value): void {
    if (this.memo.size >= maxLive) throw refused(`the pickle remembers more than ${maxLive} values`);
    this.memo.set(index, value);
  }

  recall(index: number | bigint): Value {
    const value = this.memo.get(index);
    if (value === undefined) throw new Halt("the memo has no such entry");
    return value;
  }

  /** Puts items into a container while the budget lasts; then only counts them. */
  keep(into: Value[], items: readonly Value[], owner: PyList | PyDict | undefined): void {
    this.kept += items.length;
    if (this.kept > this.maxKept) {
      if (owner !== undefined) owner.dropped += items.length;
      return;
    }
    for (const item of items) into.push(item);
  }

  findGlobal(module: string, name: string, literal = true): void {
    const global = new PyGlobal(module, name);
    this.listener.global(global, this.at, literal);
    this.push(global);
  }

  call(callable: Value, args: Value, { via, isNew }: { via: Via; isNew: boolean }): PyObject {
    const object = new PyObject(callable, args, via);
    this.listener.call({ object, via, isNew, offset: this.at });
    return object;
  }
}
