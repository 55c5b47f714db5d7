/** Nodes that hand on what they get: Identity, and Dropout outside training. */
import type { Graph, Node } from "../graph.ts";
import { renameUses } from "./rename.ts";

/** The same graph without them. Names of inputs and outputs stay, so an Identity between an input and an output stays, too. */
export function removeIdentity(graph: Graph): Graph {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const produced = new Set(graph.nodes.flatMap((node) => node.outputs));
  const source = new Map<string, string>();
  const given = new Map<string, string>();
  const resolve = (name: string): string => source.get(name) ?? name;
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const [from = "", to = ""] = [resolve(node.inputs[0] ?? ""), node.outputs[0] ?? ""];
    if (!isIdentity(node) || from === "") {
      nodes.push(renameUses(node, resolve));
    } else if (!outputs.has(to)) {
      source.set(to, from);
    } else if (produced.has(from) && !outputs.has(from) && !given.has(from)) {
      // The output takes over the name: its producer writes it directly.
      given.set(from, to);
      source.set(to, from);
    } else nodes.push(renameUses(node, resolve));
  }
  if (source.size === 0) return graph;
  const final = (name: string): string => given.get(resolve(name)) ?? resolve(name);
  const renamed: Node[] = [];
  for (const node of nodes) {
    const reads = renameUses(node, final);
    const takesOver = node.outputs.some((name) => given.has(name));
    renamed.push(takesOver ? { ...reads, outputs: node.outputs.map((name) => given.get(name) ?? name) } : reads);
  }
  const left = new Set(renamed.flatMap((node) => node.outputs));
  const valueInfo = new Map([...graph.valueInfo].filter(([name]) => left.has(name) && !outputs.has(name)));
  return { ...graph, nodes: renamed, valueInfo };
}

/** Dropout only hands on when it is neither told to train nor asked for its mask. */
function isIdentity(node: Node): boolean {
  if (node.domain !== "") return false;
  if (node.op === "Identity") return true;
  return node.op === "Dropout" && (node.inputs[2] ?? "") === "" && (node.outputs[1] ?? "") === "";
}
