import { isModelkeepError } from "../../../base/error/index.ts";
import type { ModelkeepError } from "../../../base/error/index.ts";
import { costOf, readModel, tensorsOf } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { outerFields } from "../bytes/protobuf.ts";
import { copyOf } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import { refused } from "../refuse.ts";

export interface OnnxFacts {
  readonly model: Model;
  /** Places outside the file, each with its tensors' ranges. */
  readonly external: ReadonlyMap<string, readonly { readonly offset: number; readonly length: number | undefined }[]>;
  /** Why the model may not run, when the cost check refuses it for another reason than its outside data. */
  readonly costly: ModelkeepError | undefined;
}

declare module "../subject.ts" {
  interface Subjects {
    onnx: OnnxFacts;
  }
}

/** ONNX begins with its version, field 1; the rest is our own reader's business. */
export const onnx = defineKind({
  id: "onnx",
  title: "ONNX model",
  family: "model",
  order: 120,
  sniff: ({ head, sizeBytes, source }) =>
    (head[0] === 8 && head[1]! > 0 && head[1]! < 64 && sizeBytes > 4 && (head[2]! & 7) <= 2 && head[2] !== 0) ||
    (modelTags.has(head[0]!) && isModel(outerFields(source))),
  open(source, { limits }) {
    if (source.sizeBytes > limits.maxDocumentBytes) throw refused("it has more than 2 GiB, where protocol buffers end");
    const model = readModel(copyOf(source, 0, source.sizeBytes));
    const external = new Map<string, { offset: number; length: number | undefined }[]>();
    for (const { tensor } of tensorsOf(model)) {
      if (tensor.external === undefined) continue;
      const { location, offset, length } = tensor.external;
      external.set(location, [...(external.get(location) ?? []), { offset, length }]);
    }
    return { subjects: [{ type: "onnx", value: { model, external, costly: costlyOf(model, external.keys()) } }] };
  },
});

/** Tags of `ModelProto`, whose fields may come in any order. */
const modelTags = new Set([0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72, 0xa2, 0xca]);

const isModel = (fields: ReadonlySet<number> | undefined): boolean =>
  fields !== undefined &&
  fields.has(0x3a) &&
  (fields.has(0x08) || fields.has(0x42)) &&
  [...fields].every((field) => field < 26 * 8);

function costlyOf(model: Model, locations: Iterable<string>): ModelkeepError | undefined {
  try {
    costOf(model, { externalData: new Map([...locations].map((location) => [location, { digest: "" }])) });
    return undefined;
  } catch (error) {
    if (!isModelkeepError(error)) throw error;
    return error.code === "onnx/external-data" ? undefined : error;
  }
}
