/** Mutated requests for fuzzing: structure-aware edits of good ones, from a seed, so that each case can be run again. */
import { frame } from "./requests.ts";
import type { BodyPlan } from "../../src/guard/gateway/protocol/plan-body.ts";

export interface FuzzCase {
  readonly body: Uint8Array;
  readonly plan: BodyPlan;
}

/** Mulberry32: 32 bits of state are enough to choose edits. */
export function createDice(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

const seeds = [
  frame({
    id: "1",
    inputs: [
      {
        name: "x",
        shape: [2, 2],
        datatype: "FP32",
        data: [
          [1, 2.5],
          [-3e2, 4],
        ],
      },
    ],
    outputs: [{ name: "y" }],
  }),
  frame(
    '{"inputs":[{"name":"x","shape":[3],"datatype":"INT64","data":[1,-9007199254740993,3]}],"parameters":{"a":1,"b":"c","d":true}}',
  ),
  frame({
    inputs: [
      { name: "s", shape: [2], datatype: "BYTES", data: ['a\\"\u00e9', "\ud83d\ude00"] },
      { name: "b", shape: [1], datatype: "BOOL", data: [true] },
    ],
  }),
  frame(
    {
      inputs: [
        { name: "x", shape: [2, 1], datatype: "FP16", parameters: { binary_data_size: 4 } },
        { name: "s", shape: [2], datatype: "BYTES", parameters: { binary_data_size: 12 } },
        { name: "z", shape: [2], datatype: "UINT8", data: [0, 255] },
      ],
      outputs: [{ name: "y", parameters: { binary_data: true } }],
      parameters: { binary_data_output: true },
    },
    [Uint8Array.of(0, 60, 0, 192), Uint8Array.of(1, 0, 0, 0, 97, 3, 0, 0, 0, 0xe7, 0x8c, 0xab)],
  ),
];

const tokens = [
  "-1",
  "9007199254740993",
  "18446744073709551616",
  "1e400",
  "-0",
  "NaN",
  "Infinity",
  "null",
  "true",
  "[]",
  "{}",
  '""',
  '"\\ud800"',
  "[[[[[[[[",
  "]",
  "}",
  ",",
  ":",
  '"__proto__"',
  '"shape":[4294967296,4294967296]',
  '"data":[1]',
  '"binary_data_size":9',
  '"datatype":"BYTES"',
  '"inputs":[]',
  '"parameters":{"shared_memory_region":"r"}',
  '"name"',
  '"FP8"',
  "\u0000",
  "\ufeff",
  "0".repeat(50),
  "9".repeat(500),
].map((token) => Buffer.from(token));

/** The case number `index`; the same for the same number. */
export function mutatedRequest(index: number): FuzzCase {
  const dice = createDice(index);
  const seed = seeds[dice(seeds.length)]!;
  let body = Buffer.from(seed.body);
  for (let edits = 1 + dice(4); edits > 0; edits--) body = edit(body, dice);
  // Mostly the frame moves with the edit, so that the code behind the first check is reached.
  const jsonBytes = seed.plan.jsonBytes + (dice(4) === 0 ? dice(9) - 4 : body.length - seed.body.length);
  return {
    body: new Uint8Array(body),
    plan: { bodyBytes: body.length, jsonBytes: Math.max(0, Math.min(jsonBytes, body.length)) },
  };
}

function edit(body: Buffer, dice: (sides: number) => number): Buffer<ArrayBuffer> {
  const token = tokens[dice(tokens.length)]!;
  const length = dice(4) === 0 ? dice(20) : 1;
  const kind = dice(8);
  const at = kind < 4 ? boundary(body, dice) : dice(body.length + 1);
  const before = body.subarray(0, at);
  switch (kind) {
    case 0:
    case 1: // another value in place of one
      return Buffer.concat([before, token, body.subarray(delimiter(body, at))]);
    case 2: // a value or field more
      return Buffer.concat([before, token, Buffer.from(","), body.subarray(at)]);
    case 3: // a value or field twice
      return Buffer.concat([before, body.subarray(at, delimiter(body, at)), Buffer.from(","), body.subarray(at)]);
    case 4:
      return Buffer.concat([before, body.subarray(at + length)]);
    case 5:
      return Buffer.concat([before, Buffer.from([dice(256)]), body.subarray(at + 1)]);
    case 6:
      return Buffer.concat([before, Buffer.from([dice(256)]), body.subarray(at)]);
    default:
      return Buffer.concat([before, token, body.subarray(at + length)]);
  }
}

/** A place where a JSON value or field begins, at or after a random one; the end when there is none. */
function boundary(body: Buffer, dice: (sides: number) => number): number {
  const from = dice(body.length + 1);
  const found = body.subarray(from).findIndex((byte) => "[{,:".includes(String.fromCharCode(byte)));
  return found === -1 ? body.length : from + found + 1;
}

/** Where the value that begins at `from` ends, roughly. */
function delimiter(body: Buffer, from: number): number {
  const found = body.subarray(from).findIndex((byte) => ",]}".includes(String.fromCharCode(byte)));
  return found === -1 ? body.length : from + found;
}
