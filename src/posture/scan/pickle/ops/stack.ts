/** Opcodes of stack, marks, memo, frames and protocol. */

import { Halt } from "../halt.ts";
import type { Machine } from "../machine.ts";
import { latin1, parseInteger } from "../text.ts";
import type { Action } from "./table.ts";

const newestProtocol = 5;

function protocol(machine: Machine): void {
  const version = machine.input.u8();
  if (version > newestProtocol) throw new Halt(`protocol ${version} is not known`);
  machine.protocol = version;
}

/** POP takes off a mark when the mark is on top. */
function pop(machine: Machine): void {
  const { marks, stack } = machine;
  if (marks.length > 0 && marks.at(-1) === stack.length) machine.closeMark();
  else machine.pop();
}

/** An index of the memo in text. @throws Halt */
function index(machine: Machine): number | bigint {
  let text = latin1(machine.input.line(2));
  if (machine.dialect !== "python") text = text.split("\0")[0]!;
  const value = parseInteger(text, 10);
  if (value === undefined) throw new Halt("a number is none");
  return value;
}

function put(machine: Machine, at: number | bigint): void {
  const value = machine.top();
  if (at < 0) throw new Halt("an index of the memo is negative");
  if (machine.dialect === "c" && at >= 2 ** 60) throw new Halt("the memo cannot grow that far");
  machine.memoize(at, value);
}

export const stack: Readonly<Record<string, Action>> = {
  PROTO: protocol,
  FRAME: (machine) => machine.input.frame(),
  STOP: (machine) => machine.stop(),
  MARK: (machine) => machine.mark(),
  POP: pop,
  POP_MARK: (machine) => {
    const at = machine.closeMark();
    machine.stack.length = at;
  },
  DUP: (machine) => machine.push(machine.top()),
  MEMOIZE: (machine) => machine.memoize(machine.memo.size, machine.top()),
  PUT: (machine) => {
    // The C unpickler reads the line, then looks at the stack, then at the number.
    const at = index(machine);
    put(machine, at);
  },
  BINPUT: (machine) => put(machine, machine.input.u8()),
  LONG_BINPUT: (machine) => put(machine, machine.input.u32()),
  GET: (machine) => machine.push(machine.recall(index(machine))),
  BINGET: (machine) => machine.push(machine.recall(machine.input.u8())),
  LONG_BINGET: (machine) => machine.push(machine.recall(machine.input.u32())),
};
