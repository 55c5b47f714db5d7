/** The most memory alive at once when nodes run in the order of the graph and each value is freed after its last use. */
import type { Graph, Node } from "./graph.ts";
import { usedBy } from "./lookup.ts";

/** One node that ran, with the bytes of its outputs and of what its bodies held meanwhile. */
export interface MemoryStep {
  readonly node: Node;
  readonly bytes: readonly number[];
  readonly inside: number;
}

/** Bytes; inputs and weights are not counted. */
export function peakOf(graph: Graph, steps: readonly MemoryStep[]): number {
  const lastUse = new Map<string, number>();
  for (const [i, { node }] of steps.entries()) for (const name of usedBy(node)) lastUse.set(name, i);
  for (const { name } of graph.outputs) lastUse.set(name, steps.length);
  const freedAt = new Map<number, number>();
  let alive = 0;
  let peak = 0;
  for (const [i, { node, bytes, inside }] of steps.entries()) {
    for (const [k, size] of bytes.entries()) {
      alive += size;
      const until = lastUse.get(node.outputs[k]!) ?? i;
      freedAt.set(until, (freedAt.get(until) ?? 0) + size);
    }
    peak = Math.max(peak, alive + inside);
    alive -= freedAt.get(i) ?? 0;
  }
  return peak;
}
