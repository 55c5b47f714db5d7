/** The header of an array of NumPy (NEP 1, format versions 1 to 3). */
import { latin1 } from "./engine/probe.ts";
import type { ByteSource } from "./bytes/source.ts";
import { malformed } from "./refuse.ts";

export interface NpyHeader {
  readonly descr: string;
  readonly hasObjects: boolean;
  readonly data: number;
  /** Of the numbers; undefined when the type is not plain. */
  readonly bytes: number | undefined;
  /** As `numpy.save` writes it; undefined when anything about the header is unusual. */
  readonly layout: NpyLayout | undefined;
}

/** An array of plain numbers. */
export interface NpyLayout {
  /** `f4`. */
  readonly code: string;
  readonly bigEndian: boolean;
  readonly order: "C" | "F";
  readonly shape: readonly number[];
}

function bytesOf(descr: string, text: string): number | undefined {
  const [, kind, digits] = /^['"][<>=|]?([biufcSUVmM])(\d+)/.exec(descr) ?? [];
  const shape = /['"]shape['"]\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (kind === undefined || shape === undefined) return undefined;
  const elements = (shape.match(/\d+/g) ?? []).reduce((product, dim) => product * Number(dim), 1);
  return elements * Number(digits) * (kind === "U" ? 4 : 1);
}

/** @throws scan/malformed */
export function readNpyHeader(source: ByteSource): NpyHeader {
  const head = source.read(0, 12);
  const version = head[6];
  if (version === undefined || version < 1 || version > 3) throw malformed(`version ${version} of the format is not known`);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? head[8]! + head[9]! * 256 : new DataView(head.buffer, head.byteOffset).getUint32(8, true);
  if (length > 1 << 20 || start + length > source.sizeBytes) throw malformed("its header is longer than the file");
  const text = latin1(source.read(start, length));
  const found = /^\s*\{.*['"]descr['"]\s*:\s*(.*)\}\s*$/s.exec(text);
  if (found === null) throw malformed("its header is no dictionary with a type");
  // NumPy reads the header with `ast.literal_eval`: strings may hold escapes, so anything beyond plain words is taken as objects.
  const descr = found[1]!;
  const isPlain = /^['"][<>=|]?[a-zA-Z?][0-9]*(\[[a-zA-Z0-9]+\])?['"]\s*,/.test(descr);
  return {
    descr: descr.slice(0, 200),
    hasObjects: isPlain ? /^['"][<>=|]?O/.test(descr) : /O|object|\\/.test(descr),
    data: start + length,
    bytes: isPlain ? bytesOf(descr, text) : undefined,
    layout: layoutOf(text),
  };
}

const usual = /^\{'descr': '([<>=|]?)([biufc]\d{1,2})', 'fortran_order': (True|False), 'shape': \(((?:\d+, )*\d*,?)\), \}\s*$/;

function layoutOf(text: string): NpyLayout | undefined {
  const [, endian, code, fortran, dims] = usual.exec(text) ?? [];
  if (code === undefined || dims === undefined) return undefined;
  const shape = (dims.match(/\d+/g) ?? []).map(Number);
  return { code, bigEndian: endian === ">", order: fortran === "True" ? "F" : "C", shape };
}
