/** Several models as one: whoever fools it must fool most of them at once. */
import { GraphBuilder, indexOf, irVersionFor, raiseOpset } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { logitsOf } from "../../attack/index.ts";
import type { LogitModel } from "../../attack/index.ts";
import { badOption, unsupported } from "../refuse.ts";
import { modern } from "./defend.ts";
import type { DefendOptions } from "./defend.ts";
import { bringWeights, instantiate } from "./instance.ts";
import { recorded } from "./record.ts";

/**
 * The model whose probabilities are the mean of its members'. It takes what the first one takes and gives what that one gives: probabilities
 * where it ends in a Softmax, else their logarithms, which are logits. The mean is taken as log Σ exp(log p) − log n: confident members do not
 * round to 0 and 1, and an attack that cuts the Softmax off finds honest logits behind it.
 * @throws defend/bad-option for fewer than two members · defend/unsupported-model when they do not fit each other · attack/unsupported-model
 * @example
 * const both = ensembleOf([readModel(one), readModel(other)]);
 */
export function ensembleOf(members: readonly Model[], { rowDims }: Pick<DefendOptions, "rowDims"> = {}): Model {
  if (members.length < 2) throw badOption("an ensemble of one model", "name another one: --with other.onnx");
  const raised = members.map(modern);
  const opset = Math.max(...raised.map(({ opsets }) => opsets.get("") ?? 0));
  const parts = raised.map((model) => logitsOf(raiseOpset(model, opset), { rowDims }));
  const [first] = parts as [LogitModel];
  for (const part of parts) checkFit(first, part);
  const opsets = new Map(parts.flatMap(({ model }) => [...model.opsets]));
  const output = raised[0]!.graph.outputs[0]!.name;
  const b = new GraphBuilder({ name: "ensemble", opsets, names: new Set([output]) });
  const x = b.input(first.input.name, "float32", first.input.dims);
  const logs = parts.map(({ model, logits, input }) => {
    const at = instantiate(b, model, new Map([...bringWeights(b, model), [input.name, x]]));
    return b.op("Unsqueeze", [b.op("LogSoftmax", [at(logits)], { axis: 1 }), b.ints([2])]);
  });
  const sum = b.op("ReduceLogSumExp", [b.op("Concat", logs, { axis: 2 }), b.ints([2])], { keepdims: 0 });
  const log = b.op("Sub", [sum, b.scalar("float32", Math.log(parts.length))]);
  const isProbability = indexOf(raised[0]!.graph).producer(output)?.op === "Softmax";
  const attributes = isProbability ? new Map([["axis", { kind: "int", value: 1n } as const]]) : new Map();
  b.add({ op: isProbability ? "Softmax" : "Identity", domain: "", name: "", inputs: [log], outputs: [output], attributes });
  b.output(output, "float32", [first.input.dims[0] ?? null, first.classes]);
  const like = { ...first.model, irVersion: Math.max(...parts.map(({ model }) => model.irVersion), irVersionFor(opsets)) };
  return recorded(b.model(like), (before) => ({ ...before, ensemble: { members: parts.length } }));
}

function checkFit(first: LogitModel, part: LogitModel): void {
  if (part.classes !== first.classes)
    throw unsupported(
      `one model has ${first.classes} classes, another ${part.classes}`,
      "an ensemble is made of models for the same classes",
    );
  if (part.rowDims.join() !== first.rowDims.join() || part.fixedRows !== first.fixedRows)
    throw unsupported(
      `one model takes rows of [${first.rowDims.join(", ")}], another of [${part.rowDims.join(", ")}]`,
      "an ensemble is made of models for the same inputs",
    );
  if (part.notes.some((note) => note.startsWith("a single score")))
    throw unsupported("a model gives a single score", "export it with one score for each of its two classes");
}
