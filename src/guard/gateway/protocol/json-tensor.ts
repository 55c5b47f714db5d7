/**
 * Tensor data in JSON: an array of elements in row-major order, flat or nested exactly as the shape. Elements go
 * straight into little-endian bytes and must fit their datatype without loss, except that a decimal fraction becomes the nearest float.
 */
import { quote } from "../../../base/error/index.ts";
import { elementCount, encodeMinifloat, type Tensor } from "../../../model/onnx/index.ts";
import { datatypeOf, type WireType } from "./datatypes.ts";
import type { JsonCursor } from "./json-cursor.ts";
import { refuse } from "./refuse.ts";

/** What a tensor claims to be before its data is read. */
export interface TensorHead {
  readonly type: WireType;
  readonly dims: readonly number[];
  /** How messages call the tensor, for instance "input `x`". */
  readonly label: () => string;
}

interface Column {
  readonly data: Uint8Array;
  readonly strings?: readonly string[];
  /** Reads one element into its place. */
  readonly element: (index: number) => void;
}

/**
 * Reads the array under `data`.
 *
 * @throws `gateway/wrong-size` when it has not the elements of the shape; `gateway/bad-value` for an element out of its datatype
 */
export function readJsonTensor(cursor: JsonCursor, head: TensorHead): Tensor {
  const { type, dims } = head;
  const count = elementCount(dims);
  // INVARIANT: nothing is allocated for elements that cannot be there; each takes at least two characters with its comma.
  if (count > (cursor.text.length - cursor.at + 1) / 2) throw wrongCount(head, `fewer than ${count} elements`);
  const column = columns[type](cursor, head, count);
  const flat = dims.length <= 1 || !isNested(cursor);
  if (flat) readLevel(cursor, head, count, column.element);
  else readNested(cursor, head, column.element);
  const { data, strings } = column;
  return strings === undefined ? { type, dims, data } : { type, dims, data, strings };
}

function isNested(cursor: JsonCursor): boolean {
  if (cursor.peek() !== 0x5b) return false;
  const back = cursor.at;
  cursor.at++;
  const nested = cursor.peek() === 0x5b;
  cursor.at = back;
  return nested;
}

function readNested(cursor: JsonCursor, head: TensorHead, element: (index: number) => void): void {
  const { dims } = head;
  let next = 0;
  const level = (axis: number): void => {
    const inner = axis === dims.length - 1 ? () => element(next++) : () => level(axis + 1);
    readLevel(cursor, head, dims[axis]!, inner);
  };
  level(0);
}

function readLevel(cursor: JsonCursor, head: TensorHead, length: number, element: (index: number) => void): void {
  let found = 0;
  cursor.array((index) => {
    if (index === length) throw wrongCount(head, `more than ${length} elements where its shape says so many`);
    element(index);
    found++;
  });
  if (found < length) throw wrongCount(head, `${found} elements where its shape says ${length}`);
}

const columns: Record<WireType, (cursor: JsonCursor, head: TensorHead, count: number) => Column> = {
  bool: boolColumn,
  uint8: (cursor, head, count) => integerColumn(cursor, head, new Uint8Array(count), [0, 0xff]),
  uint16: (cursor, head, count) => integerColumn(cursor, head, new Uint16Array(count), [0, 0xffff]),
  uint32: (cursor, head, count) => integerColumn(cursor, head, new Uint32Array(count), [0, 0xffff_ffff]),
  uint64: (cursor, head, count) => bigColumn(cursor, head, new BigUint64Array(count), [0n, 2n ** 64n - 1n]),
  int8: (cursor, head, count) => integerColumn(cursor, head, new Int8Array(count), [-0x80, 0x7f]),
  int16: (cursor, head, count) => integerColumn(cursor, head, new Int16Array(count), [-0x8000, 0x7fff]),
  int32: (cursor, head, count) => integerColumn(cursor, head, new Int32Array(count), [-(2 ** 31), 2 ** 31 - 1]),
  int64: (cursor, head, count) => bigColumn(cursor, head, new BigInt64Array(count), [-(2n ** 63n), 2n ** 63n - 1n]),
  float16: (cursor, head, count) => smallFloatColumn(cursor, head, count, "float16"),
  bfloat16: (cursor, head, count) => smallFloatColumn(cursor, head, count, "bfloat16"),
  float32: (cursor, head, count) => floatColumn(cursor, head, new Float32Array(count)),
  float64: (cursor, head, count) => floatColumn(cursor, head, new Float64Array(count)),
  string: stringColumn,
};

function boolColumn(cursor: JsonCursor, head: TensorHead, count: number): Column {
  const data = new Uint8Array(count);
  const element = (index: number): void => {
    if (cursor.word("true")) data[index] = 1;
    else if (!cursor.word("false")) throw badValue(cursor, head, index, "send `true` or `false`");
  };
  return { data, element };
}

type SmallIntegers = Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array;

function integerColumn(
  cursor: JsonCursor,
  head: TensorHead,
  values: SmallIntegers,
  [min, max]: readonly [number, number],
): Column {
  const element = (index: number): void => {
    if (!startsNumber(cursor.peek())) throw badValue(cursor, head, index, "send whole numbers");
    const value = cursor.number();
    if (!cursor.integer || value < min || value > max) throw badNumber(cursor, head, index, [min, max]);
    values[index] = value;
  };
  return { data: bytesOf(values), element };
}

// No 64-bit integer has more characters than "-9223372036854775808"; longer text is refused before BigInt sees it.
const longestInteger = 20;

function bigColumn(
  cursor: JsonCursor,
  head: TensorHead,
  values: BigInt64Array | BigUint64Array,
  [min, max]: readonly [bigint, bigint],
): Column {
  const element = (index: number): void => {
    if (!startsNumber(cursor.peek())) throw badValue(cursor, head, index, "send whole numbers");
    const near = cursor.number();
    if (!cursor.integer || cursor.at - cursor.start > longestInteger) throw badNumber(cursor, head, index, [min, max]);
    // Beyond 2^53 a double has lost digits, so they are read again from the text.
    const value = BigInt(Number.isSafeInteger(near) ? near : cursor.text.slice(cursor.start, cursor.at));
    if (value < min || value > max) throw badNumber(cursor, head, index, [min, max]);
    values[index] = value;
  };
  return { data: bytesOf(values), element };
}

function floatColumn(cursor: JsonCursor, head: TensorHead, values: Float32Array | Float64Array): Column {
  const element = (index: number): void => {
    const finite = startsNumber(cursor.peek()) && !cursor.text.startsWith("-I", cursor.at);
    if (!finite) values[index] = readNonFinite(cursor, head, index);
    else {
      values[index] = cursor.number();
      if (!Number.isFinite(values[index])) throw badNumber(cursor, head, index);
    }
  };
  return { data: bytesOf(values), element };
}

// KServe and Triton take FP16 and BF16 only in binary form; numbers are read here as for the other floats, so that curl can call such a model.
function smallFloatColumn(cursor: JsonCursor, head: TensorHead, count: number, type: "float16" | "bfloat16"): Column {
  const values = new Uint16Array(count);
  const infinity = encodeMinifloat(type, Infinity);
  const element = (index: number): void => {
    const finite = startsNumber(cursor.peek()) && !cursor.text.startsWith("-I", cursor.at);
    const bits = encodeMinifloat(type, finite ? cursor.number() : readNonFinite(cursor, head, index));
    if (finite && (bits & 0x7fff) === infinity) throw badNumber(cursor, head, index);
    values[index] = bits;
  };
  return { data: bytesOf(values), element };
}

/** JSON has no NaN: `null` is how orjson (KServe) and MLServer write it, the bare words how Python and Triton do. */
function readNonFinite(cursor: JsonCursor, head: TensorHead, index: number): number {
  if (cursor.word("null")) return NaN;
  const value = cursor.nonFinite();
  if (value === undefined) throw badValue(cursor, head, index, "send numbers");
  return value;
}

function stringColumn(cursor: JsonCursor, head: TensorHead): Column {
  const strings: string[] = [];
  const element = (index: number): void => {
    if (cursor.peek() !== 0x22) throw badValue(cursor, head, index, "send strings");
    strings.push(cursor.string());
  };
  return { data: new Uint8Array(0), strings, element };
}

function startsNumber(code: number): boolean {
  return code === 0x2d || (code >= 0x30 && code <= 0x39);
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function wrongCount({ label, dims }: TensorHead, found: string): Error {
  return refuse(
    "gateway/wrong-size",
    `the data of ${label()} with shape [${dims.join(",")}] has ${found}`,
    "send as many elements as the shape says, flat in row-major order or nested exactly as the shape",
  );
}

/** An element that is no value of the kind its datatype takes. */
function badValue(cursor: JsonCursor, { label, type }: TensorHead, index: number, wanted: string): Error {
  const nested = cursor.peek() === 0x5b;
  return refuse(
    "gateway/bad-value",
    `element ${index} of ${label()} is not of datatype ${datatypeOf(type)}`,
    nested ? "nest the data exactly as the shape, or send it flat" : wanted,
  );
}

function badNumber(
  cursor: JsonCursor,
  { label, type }: TensorHead,
  index: number,
  range?: readonly [number | bigint, number | bigint],
): Error {
  const text = quote(cursor.text.slice(cursor.start, cursor.at), 40);
  const whole = range !== undefined && !cursor.integer;
  return refuse(
    "gateway/bad-value",
    `element ${index} of ${label()} is ${text}, which ${datatypeOf(type)} cannot hold`,
    range === undefined
      ? "send numbers within the range of the datatype"
      : `send whole numbers from ${range[0]} to ${range[1]}${whole ? ", written without fraction or exponent" : ""}`,
  );
}
