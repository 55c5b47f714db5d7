/** Weights of PyTorch, joblib and NumPy to safetensors, by abstract execution: nothing is imported, nothing is called. */

import type { ByteSource } from "../bytes/source.ts";
import { bytesSource } from "../bytes/source.ts";
import type { Member } from "../define.ts";
import { Budget } from "../engine/context.ts";
import type { ScanContext } from "../engine/context.ts";
import { defaultLimits } from "../engine/limits.ts";
import { probeOf } from "../engine/probe.ts";
import { bzip2, gzip, lz4, lzma, xz, zlib } from "../kinds/packed.ts";
import { npy } from "../kinds/npy.ts";
import { zip } from "../kinds/zip.ts";
import { tracePickles } from "../pickle/trace.ts";
import type { PickleTrace } from "../pickle/trace.ts";
import { PyList, PyTuple } from "../pickle/values.ts";
import type { Value } from "../pickle/values.ts";
import { flatten } from "./flatten.ts";
import { npyTensor, numpyTensors } from "./numpy.ts";
import { notConvertible } from "./refuse.ts";
import type { FoundTensor } from "./tensor.ts";
import { legacyStorages, storageWidth, torchTensors } from "./torch.ts";
import type { StorageOf } from "./torch.ts";
import { writeSafetensors } from "./write.ts";

export interface Converted {
  readonly tensors: readonly FoundTensor[];
  /** The safetensors file, chunk by chunk. */
  chunks(): Generator<Uint8Array>;
}

/**
 * The tensors of a file of weights.
 * @throws scan/not-convertible with the opcode's offset where the file would do something · scan/malformed · scan/refused
 * @example
 * const { tensors, chunks } = convertWeights(source, "weights.pt");
 */
export function convertWeights(source: ByteSource, name: string): Converted {
  const context: ScanContext = { path: name, options: {}, limits: defaultLimits, depth: 0, budget: new Budget(defaultLimits) };
  const tensors = tensorsOf(unpacked(source, context), context);
  return { tensors, chunks: () => writeSafetensors(tensors) };
}

function unpacked(source: ByteSource, context: ScanContext): ByteSource {
  const probe = probeOf(source, context.path);
  const packing = [gzip, zlib, bzip2, xz, lzma, lz4].find((kind) => kind.sniff(probe));
  if (packing === undefined) return source;
  const { members = [], failure } = packing.open(source, context);
  if (failure !== undefined) throw failure;
  for (const member of members) return member.open();
  return source;
}

function tensorsOf(source: ByteSource, context: ScanContext): FoundTensor[] {
  const probe = probeOf(source, context.path);
  if (npy.sniff(probe)) return [npyTensor(source, "array")];
  if (zip.sniff(probe)) return zipped(source, context);
  const trace = harmless(source);
  if (trace.values[0] === 119547037146038801333356n) return legacyTorch(source, trace);
  return flatten(trace.values[0] as Value, numpyTensors(trace.arrays));
}

/** @throws scan/not-convertible */
function harmless(source: ByteSource): PickleTrace {
  const trace = tracePickles(source);
  const [first] = trace.refusals;
  if (first !== undefined) throw notConvertible(`loading it ${first.act} (${first.opcode} at byte ${first.offset})`);
  if (trace.failure !== undefined) throw notConvertible(`it is no whole pickle: ${trace.failure}`);
  return trace;
}

function zipped(source: ByteSource, context: ScanContext): FoundTensor[] {
  const { kind, subjects, members = [] } = zip.open(source, context);
  const lies = subjects.flatMap((subject) => (subject.type === "zip" ? subject.value.lies : []));
  if (lies.length > 0) throw notConvertible(`the archive contradicts itself: ${lies[0]}`);
  const byName = new Map([...members].map((member) => [member.name, member]));
  if (kind === "npz") return [...byName.values()].map(namedArray);
  return zippedTorch(byName);
}

/** A member of `numpy.savez`, by its name without the ending. */
function namedArray({ name, open }: Member): FoundTensor {
  const source = open();
  if (source.damage !== undefined) throw notConvertible(`${name}: ${source.damage}`);
  return npyTensor(source, name.slice(0, -".npy".length));
}

function zippedTorch(byName: ReadonlyMap<string, Member>): FoundTensor[] {
  const pickled = [...byName.keys()].filter((member) => /(^|\/)data\.pkl$/.test(member));
  if (pickled.length !== 1) throw notConvertible("it is no file of `torch.save`: there is not exactly one data.pkl");
  const folder = pickled[0]!.slice(0, -"data.pkl".length);
  const order = byName.get(`${folder}byteorder`)?.open();
  if (order !== undefined && new TextDecoder().decode(order.read(0, 16)) !== "little")
    throw notConvertible("its numbers are written with the big end first");
  const trace = harmless(byName.get(pickled[0]!)!.open());
  const opened = new Map<string, ByteSource>();
  const storageOf: StorageOf = (key) => {
    const found = opened.get(key) ?? byName.get(`${folder}data/${key}`)?.open();
    if (found?.damage !== undefined) throw notConvertible(`storage ${key}: ${found.damage}`);
    if (found !== undefined) opened.set(key, found);
    return found;
  };
  return flatten(trace.values[0] as Value, torchTensors(storageOf));
}

/** Pickles of a magic number, a protocol, facts of the machine, the object and the keys; then the storages. */
function legacyTorch(source: ByteSource, { values, end, storages }: PickleTrace): FoundTensor[] {
  const keys = values[4];
  if (!(keys instanceof PyList)) throw notConvertible("it has no list of storages");
  const widths = new Map<string, number>();
  for (const id of storages) {
    const [word, type, key] = id instanceof PyTuple ? id.items : [];
    const width = storageWidth(type as Value);
    if (word === "storage" && typeof key === "string" && width !== undefined) widths.set(key, width);
  }
  const listed = keys.items.map((key) => {
    const width = typeof key === "string" ? widths.get(key) : undefined;
    if (width === undefined) throw notConvertible("a storage has no known type");
    return { key: key as string, width };
  });
  return flatten(values[3] as Value, torchTensors(legacyStorages(source, end, listed)));
}

/** The same over bytes in memory. */
export function convertBytes(bytes: Uint8Array, name: string): Converted {
  return convertWeights(bytesSource(bytes), name);
}
