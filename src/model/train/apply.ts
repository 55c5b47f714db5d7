/** A part of a graph once more, on other inputs and with the same weights. */
import { renameUses, usedBy } from "../onnx/index.ts";
import type { GraphBuilder, Node } from "../onnx/index.ts";

/** Appends the nodes again with some values replaced; gives the name that stands for `output`. Nodes that no replaced value reaches are shared. */
export function applyAgain(
  b: GraphBuilder,
  nodes: readonly Node[],
  { inputs, output }: { readonly inputs: Readonly<Record<string, string>>; readonly output: string },
): string {
  const names = new Map(Object.entries(inputs));
  const renamed = (name: string): string => names.get(name) ?? name;
  for (const node of nodes) {
    if (![...usedBy(node)].some((name) => names.has(name))) continue;
    const moved = renameUses(node, renamed);
    const outputs = node.outputs.map((name) => (name === "" ? "" : b.fresh(`again/${name}`)));
    for (const [i, name] of node.outputs.entries()) if (name !== "") names.set(name, outputs[i]!);
    b.add({ ...moved, name: "", outputs });
  }
  return renamed(output);
}
