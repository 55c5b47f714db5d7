/** The bodies that describe the server and its models. */
import type { ModelContract, TensorSpec } from "../../../model/onnx/index.ts";
import { datatypeOf } from "./datatypes.ts";

/** Extensions that the server offers, by the names that Triton gave them. */
export const extensions = ["binary_tensor_data", "parameters"] as const;

/** `GET /v2` */
export interface ServerMetadata {
  readonly name: "modelkeep";
  readonly version: string;
  readonly extensions: readonly string[];
}

export function serverMetadata(version: string): ServerMetadata {
  return { name: "modelkeep", version, extensions };
}

/** One tensor of a model: -1 stands for a dimension that the client chooses. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** What the contract says beyond the specification: names of free dimensions, ranges, allowed values. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** `GET /v2/models/{name}` */
export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: "onnxruntime_onnx";
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
  readonly parameters: {
    /** Rows that one request may have. */
    readonly max_batch: number;
    /** Bounds of free dimensions by name, both ends included. */
    readonly dim_ranges?: Readonly<Record<string, readonly [min: number, max: number]>>;
  };
}

export interface DescribedModel {
  readonly name: string;
  readonly versions: readonly string[];
  /** What requests are checked against, with its outputs as the caller may see them. */
  readonly contract: ModelContract & { readonly dimRanges?: ReadonlyMap<string, { readonly min: number; readonly max: number }> };
}

/** Metadata of a model, from the contract that requests are checked against. */
export function modelMetadata({ name, versions, contract }: DescribedModel): ModelMetadata {
  const ranges = [...(contract.dimRanges ?? [])].map(([dim, { min, max }]) => [dim, [min, max]] as const);
  return {
    name,
    versions,
    platform: "onnxruntime_onnx",
    inputs: contract.inputs.map(tensorMetadata),
    outputs: contract.outputs.map(tensorMetadata),
    parameters: {
      max_batch: contract.batch === "dynamic" ? contract.maxBatch : fixedBatch(contract),
      ...(ranges.length > 0 && { dim_ranges: Object.fromEntries(ranges) }),
    },
  };
}

function fixedBatch({ batch, inputs }: ModelContract): number {
  const rows = batch === "fixed" ? inputs[0]?.dims[0] : 1;
  return typeof rows === "number" ? rows : 1;
}

function tensorMetadata(spec: TensorSpec): TensorMetadata {
  const parameters: Record<string, unknown> = {};
  if (spec.dims.some((dim) => typeof dim === "string")) parameters["dims"] = spec.dims.map((dim) => dim ?? -1);
  if (spec.min !== undefined) parameters["min"] = spec.min;
  if (spec.max !== undefined) parameters["max"] = spec.max;
  if (spec.allowed !== undefined) parameters["allowed"] = spec.allowed;
  const shape = spec.dims.map((dim) => (typeof dim === "number" ? dim : -1));
  const metadata = { name: spec.name, datatype: datatypeOf(spec.type) ?? spec.type.toUpperCase(), shape };
  return Object.keys(parameters).length === 0 ? metadata : { ...metadata, parameters };
}
