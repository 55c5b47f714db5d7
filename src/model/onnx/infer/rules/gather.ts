/** Operators that pick by index. */
import type { Dim } from "../../graph.ts";
import { staticCount } from "../abstract.ts";
import type { NodeView, Rule, Rules } from "../node-view.ts";

const gather: Rule = (n) => {
  const data = n.dims(0);
  const indices = n.dims(1);
  if (data === undefined || indices === undefined) return [{}];
  const axis = n.axis(n.int("axis", 0), data.length);
  return [{ dims: [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)], elements: gatherElements(n, data) }];
};

/** Exporters take single dimensions out of shapes this way. */
function gatherElements(n: NodeView, data: readonly Dim[]): readonly Dim[] | undefined {
  const values = n.elements(0);
  const indices = n.elements(1);
  if (values === undefined || indices === undefined || data.length !== 1) return undefined;
  return indices.map((index) => {
    if (typeof index !== "number") return null;
    const at = index < 0 ? index + values.length : index;
    if (!(at in values)) n.fail(`takes element ${index} of ${values.length}`);
    return values[at]!;
  });
}

const gatherND: Rule = (n) => {
  const data = n.dims(0);
  const indices = n.dims(1);
  const depth = indices?.at(-1);
  if (data === undefined || indices === undefined || typeof depth !== "number") return [{}];
  const batch = n.int("batch_dims", 0);
  if (indices.length === 0 || depth + batch > data.length) n.fail(`indexes ${depth} axes of ${data.length}`);
  return [{ dims: [...indices.slice(0, -1), ...data.slice(batch + depth)] }];
};

const arrayFeatureExtractor: Rule = (n) => {
  const dims = n.dims(0);
  const taken = staticCount(n.dims(1)) ?? n.dims(1)?.at(-1) ?? null;
  if (dims === undefined) return [{}];
  return [{ dims: dims.length === 1 ? [1, taken] : [...dims.slice(0, -1), taken] }];
};

export const gathers: Rules = {
  Gather: gather,
  GatherElements: (n) => [{ dims: n.dims(1) }],
  GatherND: gatherND,
};

export const mlGathers: Rules = { ArrayFeatureExtractor: arrayFeatureExtractor };
