/** Opcodes that push a value. */

import { Halt } from "../halt.ts";
import type { Machine } from "../machine.ts";
import {
  decodeAscii,
  decodeLong,
  decodeRawUnicodeEscape,
  decodeUtf8,
  latin1,
  parseFloatLine,
  parseIntLine,
  parseLongLine,
  unquote,
} from "../text.ts";
import { PyBuffer, PyByteArray, PyBytes, PyFloat, PyLongText } from "../values.ts";
import type { Action } from "./table.ts";

/** Strings up to here are kept: a name could be one. */
const maxText = 1 << 16;
/** Numbers up to this many bytes are worked out. */
const maxLong = 1 << 12;

/** A count that C reads as signed, and that must not be negative. */
function size(machine: Machine): number {
  const length = machine.input.i32();
  if (length < 0) throw new Halt("a length is negative");
  return length;
}

/** A `str` of Python 2. Loaders choose how to decode it; the default refuses what is not ASCII. */
function oldString(machine: Machine, bytes: Uint8Array): string {
  return machine.exact ? decodeAscii(bytes) : latin1(bytes);
}

function oldBytes(machine: Machine, length: number): void {
  if (length > maxText && !machine.exact) {
    machine.push(new PyLongText(machine.input.source, machine.input.pass(length), length));
  } else machine.push(oldString(machine, machine.input.bytes(length)));
}

function unicode(machine: Machine, length: number): void {
  if (length > maxText && !machine.exact) {
    machine.push(new PyLongText(machine.input.source, machine.input.pass(length), length));
  } else machine.push(decodeUtf8(machine.input.bytes(length), { surrogates: true }));
}

function bytes(machine: Machine, length: number): void {
  machine.push(new PyBytes(machine.input.source, machine.input.skip(length), length));
}

function long(machine: Machine, length: number): void {
  if (length <= maxLong) machine.push(decodeLong(machine.input.bytes(length)));
  else {
    machine.input.pass(length);
    machine.push(0);
  }
}

function nextBuffer(machine: Machine): void {
  if (machine.exact) {
    if (machine.buffersLeft === undefined || machine.buffersLeft === 0) throw new Halt("there is no buffer out of band");
    machine.buffersLeft--;
  }
  machine.push(new PyBuffer(false));
}

function readonlyBuffer(machine: Machine): void {
  const top = machine.top();
  if (top instanceof PyBuffer || top instanceof PyBytes) return;
  if (top instanceof PyByteArray) machine.replaceTop(new PyBuffer(true));
  else if (machine.exact) throw new Halt("this has no bytes to make read-only");
}

export const data: Readonly<Record<string, Action>> = {
  NONE: (machine) => machine.push(null),
  NEWTRUE: (machine) => machine.push(true),
  NEWFALSE: (machine) => machine.push(false),
  INT: (machine) => machine.push(parseIntLine(machine.input.line(2), machine.dialect)),
  LONG: (machine) => machine.push(parseLongLine(machine.input.line(2), machine.dialect)),
  FLOAT: (machine) => machine.push(new PyFloat(parseFloatLine(machine.input.line(2), machine.dialect))),
  BININT: (machine) => machine.push(machine.input.i32()),
  BININT1: (machine) => machine.push(machine.input.u8()),
  BININT2: (machine) => machine.push(machine.input.u16()),
  BINFLOAT: (machine) => machine.push(new PyFloat(machine.input.f64())),
  LONG1: (machine) => long(machine, machine.input.u8()),
  LONG4: (machine) => long(machine, size(machine)),
  STRING: (machine) => {
    const text = unquote(machine.input.line(0));
    // oxlint-disable-next-line no-control-regex
    if (machine.exact && /[^\u0000-\u007f]/.test(text)) throw new Halt("text is not ASCII");
    machine.push(text);
  },
  BINSTRING: (machine) => oldBytes(machine, size(machine)),
  SHORT_BINSTRING: (machine) => oldBytes(machine, machine.input.u8()),
  UNICODE: (machine) => machine.push(decodeRawUnicodeEscape(machine.input.line(1))),
  SHORT_BINUNICODE: (machine) => unicode(machine, machine.input.u8()),
  BINUNICODE: (machine) => unicode(machine, machine.input.u32()),
  BINUNICODE8: (machine) => unicode(machine, machine.input.u64()),
  SHORT_BINBYTES: (machine) => bytes(machine, machine.input.u8()),
  BINBYTES: (machine) => bytes(machine, machine.input.u32()),
  BINBYTES8: (machine) => bytes(machine, machine.input.u64()),
  BYTEARRAY8: (machine) => {
    const length = machine.input.u64();
    machine.push(new PyByteArray(machine.input.source, machine.input.skip(length), length));
  },
  NEXT_BUFFER: nextBuffer,
  READONLY_BUFFER: readonlyBuffer,
};
