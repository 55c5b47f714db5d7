import { fieldsOf, outerFields } from "../bytes/protobuf.ts";
import { wholeDocument } from "../bytes/whole-text.ts";
import { defineKind } from "../define.ts";
import type { Opened, Probe } from "../define.ts";
import { configsIn } from "./hdf5.ts";

declare module "../subject.ts" {
  interface Subjects {
    /** Operators that reach out of the graph, each with the byte where its name stands. */
    "saved-model": { readonly operators: ReadonlyMap<string, number> };
  }
}

/** Operators that reach out of the graph: files, Python, processes, other devices. */
const reachingOut = new Set(
  `WriteFile ReadFile MatchingFiles PyFunc PyFuncStateless EagerPyFunc Save SaveV2 SaveSlices MergeV2Checkpoints DebugIdentity
  DebugIdentityV2 DebugIdentityV3 Print PrintV2 WriteGraphSummary WriteRawProtoSummary WriteSummary WriteScalarSummary WriteImageSummary
  CreateSummaryFileWriter CreateSummaryDbWriter WholeFileReader WholeFileReaderV2 FixedLengthRecordReader FixedLengthRecordReaderV2
  TextLineReader TextLineReaderV2 TFRecordReader TFRecordReaderV2 LMDBReader LMDBDataset SqlDataset ExperimentalSqlDataset TextLineDataset
  TFRecordDataset TFRecordDatasetV2 FixedLengthRecordDataset FixedLengthRecordDatasetV2 ExperimentalLMDBDataset ExperimentalCSVDataset CSVDataset
  CSVDatasetV2 RpcCall RpcClient RpcServer RpcServerRegister RpcServerStart Rpc TryRpc LoadDataset SaveDataset SaveDatasetV2 SnapshotDatasetV2
  DatasetToTFRecord ImmutableConst RemoteCall RemoteFusedGraphExecute DataServiceDataset DataServiceDatasetV2 RegisterDataset
  InitializeTableFromTextFile DecodeProtoV2 EncodeProto GeneratorDataset PyFuncDataset`.split(/\s+/),
);

const isSavedModel = (fields: ReadonlySet<number> | undefined): boolean =>
  fields !== undefined && fields.has(2 * 8 + 2) && [...fields].every((field) => field === 8 || field === 18);

/** `GraphDef`: nodes, and with them versions, a library or the older version number. */
const isGraph = (fields: ReadonlySet<number> | undefined): boolean =>
  fields !== undefined && fields.has(10) && fields.size > 1 && [...fields].every((field) => [10, 18, 24, 34, 42].includes(field));

/**
 * TensorFlow SavedModel or frozen graph: a protocol buffer whose nodes name their operator (`NodeDef.op`), in the graph and in its functions
 * (tensorflow/core/protobuf `saved_model.proto`, `meta_graph.proto`; framework `graph.proto`, `function.proto`, `node_def.proto`).
 */
export const savedModel = defineKind({
  id: "saved-model",
  title: "TensorFlow SavedModel",
  family: "model",
  order: 110,
  sniff: (probe) => looksSaved(probe) || isSavedModel(fieldsAt(probe)) || (isGraph(fieldsAt(probe)) && hasOperators(probe)),
  open(source, { limits }) {
    const bytes = wholeDocument(source, limits.maxUnpackedBytes);
    const operators = new Map<string, number>();
    const read = isGraph(outerFields(source)) ? readGraph : readModel;
    read({ bytes, operators }, 0, bytes.length);
    const code = configsIn(source);
    const subjects: Opened["subjects"] = [{ type: "saved-model", value: { operators } }];
    return { subjects: code === undefined ? subjects : [...subjects, { type: "keras-config", value: { code } }] };
  },
});

const fieldsAt = ({ head, source }: Probe): ReadonlySet<number> | undefined =>
  [8, 10, 18, 34].includes(head[0]!) ? outerFields(source) : undefined;

const looksSaved = ({ head, text }: Probe): boolean =>
  head[0] === 8 &&
  head[1] === 1 &&
  head[2] === 0x12 &&
  /saved_model|StatefulPartitionedCall|serve/.test(text) &&
  /tensorflow|NoOp|Placeholder|PartitionedCall/i.test(text);

const hasOperators = ({ text }: Probe): boolean => /Placeholder|Const|Identity|NoOp|MatMul|ReadFile|WriteFile|PyFunc/.test(text);

interface Reading {
  readonly bytes: Uint8Array;
  readonly operators: Map<string, number>;
}

type Read = (reading: Reading, from: number, to: number) => void;

/** A reader of messages: what to read in which field of bytes. */
const message =
  (inside: Readonly<Record<number, Read>>): Read =>
  (reading, from, to) => {
    for (const field of fieldsOf(reading.bytes, from, to))
      if (field.wire === 2) inside[field.number]?.(reading, field.from, field.to);
  };

const readNode = message({
  2: ({ bytes, operators }, from, to) => {
    const name = new TextDecoder().decode(bytes.subarray(from, Math.min(to, from + 256)));
    if (reachingOut.has(name) && !operators.has(name)) operators.set(name, from);
  },
});
const readGraph = message({ 1: readNode, 2: message({ 1: message({ 3: readNode }) }) });
const readModel = message({ 2: message({ 2: readGraph }) });
