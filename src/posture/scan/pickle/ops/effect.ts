/** Opcodes that import, call or change: everything that makes a pickle a program. */

import { allowedGlobal } from "../allow/lookup.ts";
import { Halt } from "../halt.ts";
import { classOf } from "../instance.ts";
import type { Machine, Via } from "../machine.ts";
import { decodeAscii, decodeUtf8 } from "../text.ts";
import {
  isOpaque,
  PyBuffer,
  PyByteArray,
  PyBytes,
  PyDict,
  PyExtension,
  PyGlobal,
  PyList,
  PyLongText,
  PyObject,
  PyPersistent,
  PySet,
  PyTuple,
} from "../values.ts";
import type { Value } from "../values.ts";
import type { Action } from "./table.ts";

function global(machine: Machine): void {
  const module = decodeUtf8(machine.input.line(2));
  const name = decodeUtf8(machine.input.line(2));
  machine.findGlobal(module, name);
}

function stackGlobal(machine: Machine): void {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof name === "string" && typeof module === "string") machine.findGlobal(module, name);
  else if (machine.exact || !(mayBeText(name) && mayBeText(module))) throw new Halt("a name is no string");
  else machine.findGlobal(typeof module === "string" ? module : "?", typeof name === "string" ? name : "?", false);
}

/** A string, or what the loading process might make one of; a class that is vetted is none, and neither is what numbers are kept in. */
function mayBeText(value: Value): boolean {
  if (value instanceof PyObject) return !/^(numpy|joblib|sklearn)\b/.test(classOf(value)?.module ?? "");
  if (value instanceof PyGlobal) return allowedGlobal(value.module, value.name) === undefined;
  return typeof value === "string" || value instanceof PyLongText || isOpaque(value);
}

/** `_pickle.c` closes the mark before it reads the names, `pickle.py` imports before it looks for the mark. */
function inst(machine: Machine): void {
  const early = machine.dialect === "c" ? machine.popMark() : undefined;
  const module = decodeAscii(machine.input.line(2));
  const name = decodeAscii(machine.input.line(2));
  machine.findGlobal(module, name);
  const callable = machine.stack.pop() as Value;
  const args = new PyTuple(early ?? machine.popMark());
  instantiate(machine, callable, { args, via: "INST" });
}

function obj(machine: Machine): void {
  const items = machine.popMark();
  const callable = items.shift();
  if (callable === undefined) throw new Halt("the stack is empty");
  instantiate(machine, callable, { args: new PyTuple(items), via: "OBJ" });
}

/** Without arguments a class is made by `__new__` alone. */
function instantiate(machine: Machine, callable: Value, { args, via }: { args: PyTuple; via: Via }): void {
  mustCall(callable);
  const isNew = args.items.length === 0 && callable instanceof PyGlobal && machine.isType(callable);
  machine.push(machine.call(callable, args, { via, isNew }));
}

/** Python's own values cannot be called, whoever loads them. */
function mustCall(callable: Value): void {
  if (!isOpaque(callable)) throw new Halt("this cannot be called");
}

/** C takes a tuple; `f(*args)` of `pickle.py` takes anything that can be gone through. */
function mustSpread(machine: Machine, args: Value): void {
  if (!machine.exact || args instanceof PyTuple) return;
  const isIterable =
    typeof args === "string" ||
    args instanceof PyList ||
    args instanceof PyDict ||
    args instanceof PySet ||
    args instanceof PyBytes ||
    args instanceof PyByteArray ||
    args instanceof PyBuffer;
  if (machine.dialect === "c" || !isIterable) throw new Halt("arguments are no tuple");
}

function reduce(machine: Machine): void {
  if (machine.stack.length - 2 < machine.fence) throw new Halt("the stack is empty");
  const args = machine.pop();
  const callable = machine.pop();
  mustSpread(machine, args);
  mustCall(callable);
  machine.push(machine.call(callable, args, { via: "REDUCE", isNew: false }));
}

function newObject(machine: Machine, via: "NEWOBJ" | "NEWOBJ_EX"): void {
  const kwargs = via === "NEWOBJ_EX" ? machine.pop() : undefined;
  const args = machine.pop();
  const callable = machine.pop();
  mustCall(callable);
  if (machine.exact && !(callable instanceof PyGlobal && machine.isType(callable))) throw new Halt("this is no class");
  mustSpread(machine, args);
  if (machine.exact && kwargs !== undefined && !areKeywords(kwargs)) throw new Halt("keywords are no dictionary of names");
  machine.push(machine.call(callable, withKeywords(args, kwargs), { via, isNew: true }));
}

/** Keywords are arguments like others to a judge of calls. */
function withKeywords(args: Value, kwargs: Value | undefined): Value {
  if (!(kwargs instanceof PyDict) || kwargs.pairs.length === 0) return args;
  return new PyTuple([...(args instanceof PyTuple ? args.items : [args]), kwargs]);
}

function areKeywords(value: Value): boolean {
  return value instanceof PyDict && value.pairs.every((item, i) => i % 2 === 1 || typeof item === "string");
}

function build(machine: Machine): void {
  if (machine.stack.length - 2 < machine.fence) throw new Halt("the stack is empty");
  const state = machine.pop();
  const target = machine.top();
  if (isOpaque(target)) {
    machine.listener.build(target, state, machine.at);
    if ("via" in target) target.state = state;
    const moved = machine.listener.afterBuild?.(target, machine.input);
    if (moved === undefined) return;
    machine.input.position = moved.position;
    if (moved.replace !== undefined) machine.replaceTop(moved.replace);
  } else if (machine.exact) buildPlain(machine, state);
}

/** Values of Python itself have no `__setstate__`, no `__dict__` and no attributes to set: only an empty state passes. */
function buildPlain(machine: Machine, state: Value): void {
  const [first, slots] =
    state instanceof PyTuple && state.items.length === 2 ? (state.items as [Value, Value]) : [state, undefined];
  const isEmpty = machine.dialect === "c" ? (value: Value) => value === null : isFalsy;
  const slotsPass =
    slots === undefined || (machine.dialect === "c" ? slots instanceof PyDict && slots.pairs.length === 0 : isFalsy(slots));
  if (!isEmpty(first) || !slotsPass) throw new Halt("this has no state to set");
}

function isFalsy(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === "" || value === 0n) return true;
  if (value instanceof PyTuple || value instanceof PyList || value instanceof PySet) return value.items.length === 0;
  if (value instanceof PyDict) return value.pairs.length === 0;
  if (value instanceof PyBytes || value instanceof PyByteArray) return value.length === 0;
  return typeof value === "object" && "value" in value && value.value === 0;
}

function extension(machine: Machine, code: number): void {
  machine.listener.extension(code, machine.at);
  if (machine.exact) throw new Halt("the extension registry is empty");
  machine.push(new PyExtension(code));
}

function persistent(machine: Machine, id: Value): void {
  machine.listener.persistent(id, machine.at);
  machine.push(new PyPersistent(id));
}

export const effect: Readonly<Record<string, Action>> = {
  GLOBAL: global,
  STACK_GLOBAL: stackGlobal,
  INST: inst,
  OBJ: obj,
  REDUCE: reduce,
  NEWOBJ: (machine) => newObject(machine, "NEWOBJ"),
  NEWOBJ_EX: (machine) => newObject(machine, "NEWOBJ_EX"),
  BUILD: build,
  EXT1: (machine) => extension(machine, machine.input.u8()),
  EXT2: (machine) => extension(machine, machine.input.u16()),
  EXT4: (machine) => extension(machine, machine.input.i32()),
  PERSID: (machine) => persistent(machine, decodeAscii(machine.input.line(1))),
  BINPERSID: (machine) => persistent(machine, machine.pop()),
};
