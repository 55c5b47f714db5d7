/**
 * What a model would cost, found without running it: the check between a file from outside and ONNX Runtime, which computes constants
 * while it loads (137 bytes that ask for `ConstantOfShape([150000000])` made version 1.30 grow by 600 MB before the first query).
 *
 * Everything whose size follows from the file and from declared input sizes is summed; what only running will tell is listed as
 * `unbounded`, for the runtime to cap by memory and deadline. The file's own notes on inner shapes are not believed.
 */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { checkExternal } from "./external.ts";
import { nodeLabel, subgraphs } from "./graph.ts";
import type { Model, Node } from "./graph.ts";
import { FunctionTable } from "./infer/functions.ts";

import { Ledger } from "./ledger.ts";
import type { CostOptions, CostReport } from "./ledger.ts";

/**
 * Refuses models that would cost too much, reach outside their file or use operators of others, and estimates the rest.
 * @throws onnx/too-costly · onnx/foreign-domain · onnx/external-data · onnx/bad-shape · onnx/bad-graph
 * @example
 * const { flops, peakBytes, unbounded } = costOf(readModel(bytes), { rows: 64 });
 */
export function costOf(model: Model, options: CostOptions = {}): CostReport {
  checkDomains(model, new Set(options.allowDomains));
  checkExternal(model, new Set(options.externalData?.keys()));
  return new Ledger(model, options).report();
}

/** Operator domains of ONNX itself that inference needs; its training domains have no kernels in inference builds of ONNX Runtime. */
const ownDomains = new Set(["", "ai.onnx.ml"]);

function checkDomains(model: Model, allowed: ReadonlySet<string>): void {
  const functions = new FunctionTable(model);
  const walk = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (!ownDomains.has(node.domain) && !allowed.has(node.domain) && functions.of(node) === undefined) {
        throw new ModelkeepError("onnx/foreign-domain", {
          message: `node ${quote(nodeLabel(node))} is an operator of domain ${quote(node.domain)}`,
          hint: "export with standard operators only, or allow that domain for this model if you trust it",
          status: 400,
        });
      }
      for (const { graph } of subgraphs(node)) walk(graph.nodes);
    }
  };
  walk(model.graph.nodes);
  for (const fn of model.functions) walk(fn.nodes);
}
