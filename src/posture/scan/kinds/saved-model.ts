import type { ByteSource } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import { latin1 } from "../engine/probe.ts";

declare module "../subject.ts" {
  interface Subjects {
    "saved-model": { readonly operators: ReadonlyMap<string, number> };
  }
}

/** Operators that reach out of the graph: files, Python, processes, other devices. */
export const reachingOut = [
  "WriteFile",
  "ReadFile",
  "MatchingFiles",
  "PyFunc",
  "PyFuncStateless",
  "EagerPyFunc",
  "Save",
  "SaveV2",
  "SaveSlices",
  "MergeV2Checkpoints",
  "DebugIdentity",
  "DebugIdentityV2",
  "PrintV2",
  "WriteGraphSummary",
  "WriteRawProtoSummary",
  "CreateSummaryFileWriter",
  "WholeFileReaderV2",
  "FixedLengthRecordReaderV2",
  "TextLineReaderV2",
  "TFRecordReaderV2",
  "RpcCall",
  "RpcClient",
  "RpcServer",
  "LoadDataset",
  "SaveDatasetV2",
];

const wanted = new Set(reachingOut);

/**
 * TensorFlow SavedModel: a protocol buffer whose nodes name their operator in field 2 (`NodeDef.op`). The operators are found by that
 * field wherever it stands, in the graph or in its functions.
 */
export const savedModel = defineKind({
  id: "saved-model",
  title: "TensorFlow SavedModel",
  family: "model",
  order: 110,
  sniff: ({ head, text }) =>
    head[0] === 8 &&
    head[1] === 1 &&
    head[2] === 0x12 &&
    /saved_model|StatefulPartitionedCall|serve/.test(text) &&
    /tensorflow|NoOp|Placeholder|PartitionedCall/i.test(text),
  open: (source) => ({ subjects: [{ type: "saved-model", value: { operators: operatorsIn(source) } }] }),
});

function operatorsIn(source: ByteSource): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const step = 1 << 20;
  for (let at = 0; at < source.sizeBytes; at += step) {
    const text = latin1(source.read(at, step + 64));
    // oxlint-disable-next-line no-control-regex
    for (const match of text.matchAll(/\x12([\x04-\x20])(?=[A-Z])/g)) {
      if (match.index >= step) break;
      const name = text.slice(match.index + 2, match.index + 2 + match[1]!.charCodeAt(0));
      if (wanted.has(name) && !found.has(name)) found.set(name, at + match.index);
    }
  }
  return found;
}
