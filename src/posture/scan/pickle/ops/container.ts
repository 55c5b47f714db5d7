/** Opcodes that make and fill tuples, lists, dictionaries and sets, and what they do to values that are none of these. */

import { refused } from "../../refuse.ts";
import { Halt } from "../halt.ts";
import type { Machine } from "../machine.ts";
import { isHashable, isInnerName, isOpaque, PyByteArray, PyDict, PyList, PyObject, PySet, PyTuple } from "../values.ts";
import type { Value } from "../values.ts";
import type { Action } from "./table.ts";

function tuple(machine: Machine, count: number): void {
  if (machine.stack.length - count < machine.fence) throw new Halt("the stack is empty");
  machine.push(new PyTuple(machine.popLast(count)));
}

/** Python hashes what a tuple holds as often as it is held: a chain of pairs of pairs takes the power of two of its length. */
const maxHashed = 1 << 20;

function mustEnd(key: Value): void {
  if (key instanceof PyTuple && key.weight > maxHashed)
    throw refused("a key is made of itself so often that its hash never ends");
}

function mustHash(machine: Machine, key: Value): void {
  if (machine.exact && !isHashable(key)) throw new Halt("a key cannot be hashed");
  mustEnd(key);
}

function dict(machine: Machine): void {
  const items = machine.popMark();
  if (machine.exact && items.length % 2 !== 0) throw new Halt("a key has no value");
  const made = new PyDict();
  for (let i = 0; i + 1 < items.length; i += 2) {
    mustHash(machine, items[i]!);
    if (isInnerName(items[i]!)) made.inner = true;
  }
  machine.keep(made.pairs, items.slice(0, items.length - (items.length % 2)), made);
  machine.push(made);
}

function append(machine: Machine): void {
  if (machine.stack.length - 2 < machine.fence) throw new Halt("the stack is empty");
  const items = machine.popLast(1);
  extend(machine, machine.top(), items);
}

function appends(machine: Machine): void {
  const items = machine.popMark();
  const target = machine.top();
  if (items.length === 0 && machine.dialect !== "python") return;
  extend(machine, target, items);
}

function extend(machine: Machine, target: Value, items: Value[]): void {
  if (target instanceof PyList) machine.keep(target.items, items, target);
  else if (target instanceof PyByteArray) extendBytes(machine, target, items);
  else if (isOpaque(target)) {
    machine.listener.mutate(target, "append", machine.at);
    if (target instanceof PyObject) machine.keep((target.items ??= []), items, undefined);
  } else if (machine.exact) throw new Halt("this has no append");
}

function extendBytes(machine: Machine, target: PyByteArray, items: readonly Value[]): void {
  for (const item of items) if (machine.exact && !isByte(item)) throw new Halt("this is no byte");
  target.length += items.length;
}

const isByte = (item: Value): boolean => typeof item === "boolean" || (typeof item === "number" && item >= 0 && item <= 255);

function setItem(machine: Machine): void {
  if (machine.stack.length - 3 < machine.fence) throw new Halt("the stack is empty");
  const items = machine.popLast(2);
  setAll(machine, machine.top(), items);
}

function setItems(machine: Machine): void {
  const items = machine.popMark();
  const target = machine.top();
  if (items.length === 0) return;
  if (machine.dialect === "c" && items.length % 2 !== 0) throw new Halt("a key has no value");
  setAll(machine, target, items);
}

function setAll(machine: Machine, target: Value, items: readonly Value[]): void {
  const whole = items.length - (items.length % 2);
  for (let i = 0; i < whole; i += 2) setOne(machine, target, items[i]!, items[i + 1]!);
  if (machine.exact && whole !== items.length) throw new Halt("a key has no value");
}

function setOne(machine: Machine, target: Value, key: Value, value: Value): void {
  if (target instanceof PyDict) {
    mustHash(machine, key);
    if (isInnerName(key)) target.inner = true;
    machine.keep(target.pairs, [key, value], target);
  } else if (isOpaque(target)) {
    machine.listener.mutate(target, "setitem", machine.at);
    mustEnd(key);
    if (target instanceof PyObject && isInnerName(key)) target.inner = true;
    if (target instanceof PyObject) machine.keep((target.pairs ??= []), [key, value], undefined);
  } else setIndex(machine, target, { key, value });
}

/** `list[i] = x` and `bytearray[i] = x`. */
function setIndex(machine: Machine, target: Value, { key, value }: { key: Value; value: Value }): void {
  const index = typeof key === "boolean" ? Number(key) : key;
  const length =
    target instanceof PyList ? target.items.length + target.dropped : target instanceof PyByteArray ? target.length : -1;
  const isInside = typeof index === "number" && index >= -length && index < length;
  if (!isInside || (target instanceof PyByteArray && !isByte(value))) {
    if (machine.exact) throw new Halt("this has no such item");
    return;
  }
  if (target instanceof PyList) target.items[index < 0 ? index + length : index] = value;
}

function addItems(machine: Machine): void {
  const items = machine.popMark();
  const target = machine.top();
  if (target instanceof PySet && !target.frozen) {
    for (const item of items) mustHash(machine, item);
    machine.keep(target.items, items, undefined);
  } else if (isOpaque(target)) {
    for (const _ of items) machine.listener.mutate(target, "add", machine.at);
  } else if (machine.exact && (items.length > 0 || machine.dialect === "python")) throw new Halt("this has no add");
}

export const container: Readonly<Record<string, Action>> = {
  EMPTY_TUPLE: (machine) => machine.push(new PyTuple([])),
  TUPLE1: (machine) => tuple(machine, 1),
  TUPLE2: (machine) => tuple(machine, 2),
  TUPLE3: (machine) => tuple(machine, 3),
  TUPLE: (machine) => machine.push(new PyTuple(machine.popMark())),
  EMPTY_LIST: (machine) => machine.push(new PyList([])),
  LIST: (machine) => machine.push(new PyList(machine.popMark())),
  APPEND: append,
  APPENDS: appends,
  EMPTY_DICT: (machine) => machine.push(new PyDict()),
  DICT: dict,
  SETITEM: setItem,
  SETITEMS: setItems,
  EMPTY_SET: (machine) => machine.push(new PySet([], false)),
  ADDITEMS: addItems,
  FROZENSET: (machine) => {
    const items = machine.popMark();
    for (const item of items) mustHash(machine, item);
    machine.push(new PySet(items, true));
  },
};
