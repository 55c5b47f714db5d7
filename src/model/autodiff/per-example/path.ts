/** Which part of a tensor a contribution belongs to, when tensors are cut before they are used. */
import type { Step } from "./contribution.ts";

const isSameStep = (a: Step, b: Step): boolean => a.node === b.node && a.output === b.output;

/** Whether two paths lead to the same elements in the same order. */
export const isSamePath = (a: readonly Step[], b: readonly Step[]): boolean =>
  a.length === b.length && a.every((step, i) => isSameStep(step, b[i]!));

/** Whether two paths certainly lead to different elements: where they part, they cut the same tensor in places apart. */
export function areApart(a: readonly Step[], b: readonly Step[]): boolean {
  let [i, j] = [a.length - 1, b.length - 1];
  while (i >= 0 && j >= 0 && isSameStep(a[i]!, b[j]!)) [i, j] = [i - 1, j - 1];
  const [left, right] = [a[i], b[j]];
  if (left?.cut === undefined || right?.cut === undefined || left.node.inputs[0] !== right.node.inputs[0]) return false;
  return [...left.cut].some(([axis, [from, to]]) => {
    const other = right.cut!.get(axis);
    return other !== undefined && (to <= other[0] || other[1] <= from);
  });
}
