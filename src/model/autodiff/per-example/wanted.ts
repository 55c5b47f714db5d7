/** Which parameters are learned, and how they are grouped. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";
import type { Prepared } from "../prepare.ts";
import { chooseTensors } from "../wanted.ts";
import { constantReason } from "./constants.ts";
import { layersOf } from "./layers.ts";
import type { Clipping, ClipLayer } from "./layers.ts";

/** The parameters asked for, or all initializers of floats that may be learned. @throws autodiff/not-differentiable */
export function chooseParameters(prepared: Prepared, wrt: readonly string[] | undefined, output: string) {
  const { graph } = prepared.model;
  const { wanted, skipped } = chooseTensors(prepared, wrt ?? "all", output);
  if (wrt === undefined) {
    const stored = wanted.filter((name) => graph.initializers.has(name));
    const constants = stored.flatMap((name) => {
      const reason = constantReason(graph, name, graph.initializers.get(name)!);
      return reason === undefined ? [] : [[name, reason] as const];
    });
    const left = new Map([...[...skipped].filter(([name]) => graph.initializers.has(name)), ...constants]);
    const learned = stored.filter((name) => !left.has(name));
    if (learned.length === 0) throw nothingToLearn();
    return { wanted: learned, skipped: left };
  }
  const other = wanted.find((name) => !graph.initializers.has(name));
  if (other === undefined) return { wanted, skipped };
  throw new ModelkeepError("autodiff/not-differentiable", {
    message: `${quote(other)} is not a parameter: it is no initializer of the model`,
    hint: "name initializers; `modelkeep inspect` prints them",
    status: 400,
  });
}

const nothingToLearn = (): ModelkeepError =>
  new ModelkeepError("autodiff/no-path", {
    message: "the loss depends on no parameter of the model",
    hint: "name initializers in `wrt`, or choose another output",
    status: 400,
  });

/** The layers to clip by, each parameter in one of them. @throws autodiff/unknown-value when layers are given that are not the parameters, each once */
export function chooseLayers(clipping: Clipping | undefined, parameters: readonly string[]): readonly ClipLayer[] {
  const layers = (clipping?.mode === "per-layer" ? clipping.layers : undefined) ?? layersOf(parameters);
  const listed = layers.flatMap((layer) => layer.parameters);
  const wrong = listed.find((name, i) => !parameters.includes(name) || listed.indexOf(name) !== i);
  const missing = parameters.find((name) => !listed.includes(name));
  if (wrong === undefined && missing === undefined) return layers;
  throw new ModelkeepError("autodiff/unknown-value", {
    message: `${quote((wrong ?? missing)!)} is ${missing === undefined ? "no parameter, or in two layers" : "in no layer"}`,
    hint: "each parameter belongs to one layer",
    status: 400,
  });
}
