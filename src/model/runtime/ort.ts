/**
 * The only place that speaks ONNX Runtime's JavaScript API. `onnxruntime-node` and `onnxruntime-web` share it
 * (`onnxruntime-common`), so the module is a parameter: `ort.node.ts` and `ort-web.ts` bring theirs.
 */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import type {} from "./errors.ts";
import type { ElementType, Tensor } from "../onnx/index.ts";
import { loadError, runError } from "./ort-error.ts";
import type { NamedTensor, SessionInfo, SessionOptions, ValueInfo } from "./session.ts";

type Numbers = ArrayBufferView & { readonly length: number };

/** As much of `onnxruntime-common` as is used here. */
export interface OrtModule {
  readonly Tensor: new (type: ElementType, data: unknown, dims: readonly number[]) => OrtTensor;
  readonly InferenceSession: { create(bytes: Uint8Array, options: object): Promise<OrtInferenceSession> };
  /** Whether a run writes into tensors that are given as fetches: the native binding does. */
  readonly writesInto?: boolean;
}

interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
  dispose(): void;
}

interface OrtValueMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

interface OrtInferenceSession {
  readonly inputMetadata: readonly OrtValueMetadata[];
  readonly outputMetadata: readonly OrtValueMetadata[];
  run(
    feeds: Record<string, OrtTensor>,
    fetches: readonly string[] | Readonly<Record<string, OrtTensor | null>>,
  ): Promise<Record<string, OrtTensor>>;
  release(): Promise<void>;
}

/** A session on the calling thread. `run` blocks it in Node (onnxruntime#19611): only workers and browsers hold one. */
export interface OrtSession {
  readonly info: SessionInfo;
  run(inputs: readonly NamedTensor[], outputs: readonly string[]): Promise<NamedTensor[]>;
  /** {@link run}, with some outputs written into the memory of these tensors. */
  runInto(
    inputs: readonly NamedTensor[],
    outputs: readonly string[],
    into: ReadonlyMap<string, NamedTensor>,
  ): Promise<NamedTensor[]>;
  close(): Promise<void>;
}

type View = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Numbers;

/** How the binding wants each element type it knows. float16 goes as its bits, int4 and uint4 packed two to a byte. */
const views: Partial<Record<ElementType, { readonly view: View; readonly bits: number }>> = {
  float32: { view: Float32Array, bits: 32 },
  float64: { view: Float64Array, bits: 64 },
  float16: { view: Uint16Array, bits: 16 },
  int8: { view: Int8Array, bits: 8 },
  uint8: { view: Uint8Array, bits: 8 },
  bool: { view: Uint8Array, bits: 8 },
  int16: { view: Int16Array, bits: 16 },
  uint16: { view: Uint16Array, bits: 16 },
  int32: { view: Int32Array, bits: 32 },
  uint32: { view: Uint32Array, bits: 32 },
  int64: { view: BigInt64Array, bits: 64 },
  uint64: { view: BigUint64Array, bits: 64 },
  int4: { view: Uint8Array, bits: 4 },
  uint4: { view: Uint8Array, bits: 4 },
};

/** The element types that ONNX Runtime's JavaScript binding can exchange. */
export const exchangeableTypes: readonly ElementType[] = [...(Object.keys(views) as ElementType[]), "string"];

/**
 * Bits of one element as the binding exchanges it; 0 for `string`.
 * @throws runtime/unsupported-type
 */
export function exchangeBits(type: ElementType): number {
  if (type === "string") return 0;
  const known = views[type];
  if (known) return known.bits;
  throw new ModelkeepError("runtime/unsupported-type", {
    message: `ONNX Runtime's JavaScript binding cannot exchange ${quote(type)} tensors`,
    hint: "cast to float32 at the model's edge",
    status: 422,
  });
}

/**
 * Bytes of a tensor of this type and shape; 0 for `string`.
 * @throws runtime/unsupported-type, runtime/bad-input when the dimensions are not sizes or multiply past 2^53
 */
export function exchangeBytes(type: ElementType, dims: readonly number[]): number {
  let elements = 1;
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0) elements = Number.NaN;
    elements *= dim;
  }
  const bytes = Math.ceil((elements * exchangeBits(type)) / 8);
  if (Number.isSafeInteger(bytes) && Number.isSafeInteger(elements)) return bytes;
  throw new ModelkeepError("runtime/bad-input", {
    message: `dimensions [${dims.slice(0, 16).join(",")}] are not a tensor's`,
    hint: "each dimension is a whole number from 0 up, and together they must fit in memory",
    status: 400,
  });
}

/**
 * Opens a model on the calling thread with the first wanted execution provider that is available.
 * @throws runtime/no-provider, runtime/load-refused, runtime/load-limit, runtime/unsupported-type
 */
export async function openOrt(ort: OrtModule, bytes: Uint8Array, options: SessionOptions): Promise<OrtSession> {
  const wanted = options.providers ?? ["cpu"];
  const absent: string[] = [];
  for (const provider of wanted) {
    try {
      return await openOn(ort, bytes, { ...options, provider, absent });
    } catch (error) {
      // A model that the CPU refuses has something wrong with it; with any other provider it may be the provider.
      if (provider === "cpu") throw error;
      absent.push(provider);
    }
  }
  throw new ModelkeepError("runtime/no-provider", {
    message: `no execution provider of ${wanted.map((name) => quote(name)).join(", ")} is available here`,
    hint: "add cpu to the list, or install the driver and libraries of one of them",
    status: 503,
  });
}

interface Provided extends SessionOptions {
  readonly provider: string;
  readonly absent: readonly string[];
}

async function openOn(ort: OrtModule, bytes: Uint8Array, options: Provided): Promise<OrtSession> {
  let session: OrtInferenceSession;
  let info: SessionInfo;
  try {
    session = await ort.InferenceSession.create(bytes, ortOptions(options, bytes.byteLength));
    info = {
      inputs: session.inputMetadata.map(valueInfo),
      outputs: session.outputMetadata.map(valueInfo),
      provider: options.provider,
      absent: options.absent,
    };
  } catch (error) {
    throw loadError(error);
  }
  const everyOutput = info.outputs.map((output) => output.name);
  const runInto: OrtSession["runInto"] = async (inputs, outputs, into) => {
    const feeds: Record<string, OrtTensor> = Object.create(null);
    const wanted = outputs.length === 0 ? everyOutput : outputs;
    try {
      for (const input of inputs) feeds[input.name] = toOrt(ort, input);
      const answer = await session.run(feeds, into.size === 0 ? wanted : fetchesOf(ort, wanted, into));
      return wanted.map((name) => landed(fromOrt(name, answer[name]!), into.get(name)));
    } catch (error) {
      throw error instanceof ModelkeepError ? error : runError(error);
    }
  };
  return {
    info,
    run: (inputs, outputs) => runInto(inputs, outputs, nowhere),
    runInto,
    close: () => session.release(),
  };
}

const nowhere: ReadonlyMap<string, NamedTensor> = new Map();

/** The binding takes tensors to write into in place of names; WebAssembly has its own memory and is asked for names alone. */
function fetchesOf(ort: OrtModule, wanted: readonly string[], into: ReadonlyMap<string, NamedTensor>) {
  if (ort.writesInto !== true) return wanted;
  const fetches: Record<string, OrtTensor | null> = Object.create(null);
  for (const name of wanted) fetches[name] = into.has(name) ? toOrt(ort, into.get(name)!) : null;
  return fetches;
}

/** An output in the memory that was given for it, wherever the binding put it. */
function landed(output: NamedTensor, place: NamedTensor | undefined): NamedTensor {
  if (place === undefined || output.data.buffer === place.data.buffer) return output;
  place.data.set(output.data);
  return { ...output, data: place.data };
}

/**
 * The largest constant that graph optimisation may compute ahead, bytes. A file of 137 bytes can ask for a constant of a gigabyte
 * (onnxruntime#28730); what exporters leave to be folded is about as large as their weights.
 */
export const largestFold = (modelBytes: number): number => 16 * 2 ** 20 + 2 * modelBytes;

function ortOptions(options: Provided, modelBytes: number): object {
  return {
    executionProviders: [options.provider],
    graphOptimizationLevel: options.optimisation === "none" ? "disabled" : (options.optimisation ?? "all"),
    intraOpNumThreads: options.threads ?? 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 4,
    // Idle threads of ONNX Runtime spin for a while by default: cores that the gateway and other sessions need.
    extra: {
      session: { intra_op: { allow_spinning: "0" }, inter_op: { allow_spinning: "0" } },
      optimization: { constant_folding_max_output_size_in_bytes: String(largestFold(modelBytes)) },
    },
    ...(options.externalData && {
      externalData: [...options.externalData].map(([path, data]) => ({ path, data })),
    }),
  };
}

/** The error for a package that cannot be loaded. */
export const notInstalled = (name: string, where: string, cause: unknown): ModelkeepError =>
  new ModelkeepError("runtime/not-installed", {
    message: `${name} cannot be loaded on ${where}`,
    hint: `npm install ${name}@1.30`,
    status: 503,
    cause,
  });

function valueInfo(meta: OrtValueMetadata): ValueInfo {
  if (!meta.isTensor) throw new Error(`Non tensor type of '${meta.name}'`);
  const dims = (meta.shape ?? []).map((dim) => (dim === "" || dim === undefined || dim === -1 ? null : dim));
  return { name: meta.name, type: meta.type as ElementType, dims };
}

function toOrt(ort: OrtModule, tensor: NamedTensor): OrtTensor {
  const { type, data, dims } = tensor;
  if (type === "string") return new ort.Tensor(type, tensor.strings ?? [], dims);
  exchangeBits(type); // throws for a type that has no view
  const { view: View } = views[type]!;
  const width = (View as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
  // A view needs an aligned start, and the binding takes no shared memory ("Invalid argument").
  const inPlace = data.byteOffset % width === 0 && data.buffer instanceof ArrayBuffer;
  // Not slice(): that of a Buffer is a view of the same memory.
  const bytes = inPlace ? data : new Uint8Array(data);
  const numbers = new View(bytes.buffer, bytes.byteOffset, bytes.byteLength / width);
  const made = new ort.Tensor(type, numbers, dims);
  // Where there is a Float16Array (Node 24), the class puts one in place of our bits, and the native binding of 1.30 cannot read it:
  // "not enough space: expected 4, got 0".
  if (made.data !== numbers) Object.defineProperty(made, "cpuData", { value: numbers });
  return made;
}

function fromOrt(name: string, tensor: OrtTensor): NamedTensor {
  const type = tensor.type as ElementType;
  if (type === "string") {
    return { name, type, dims: tensor.dims, data: new Uint8Array(0), strings: tensor.data as string[] };
  }
  const numbers = tensor.data as Numbers;
  return {
    name,
    type,
    dims: tensor.dims,
    data: new Uint8Array(numbers.buffer as ArrayBuffer, numbers.byteOffset, numbers.byteLength),
  };
}

/** Inputs or outputs as a record; without prototype, because names come from a model. */
export function toRecord(tensors: readonly NamedTensor[]): Record<string, Tensor> {
  const record: Record<string, Tensor> = Object.create(null);
  for (const { name, ...tensor } of tensors) record[name] = tensor;
  return record;
}
