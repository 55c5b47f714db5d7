/** What is assessed: a model whose inside is at hand, or a target that only answers. */
import { differentiability } from "../../model/autodiff/index.ts";
import type { Fact } from "../../model/autodiff/index.ts";
import { nodeLabel } from "../../model/onnx/index.ts";
import type { Model } from "../../model/onnx/index.ts";
import { openTargetWith } from "../attack/index.ts";
import type { AttackTarget, OpenSession } from "../attack/index.ts";
import { revealScores } from "./adaptive/surrogate.ts";

export interface Subject {
  readonly target: AttackTarget;
  /** The file's graph, where there is one: from labels-only models the scores behind the labels. */
  readonly model: Model | undefined;
  readonly facts: readonly Fact[];
  readonly controlFlow: readonly string[];
  /** Sentences about what was done to make it answer. */
  readonly notes: readonly string[];
}

const branching = new Set(["Loop", "If", "Scan"]);

/**
 * A model of a file as a subject.
 *
 * @throws attack/unsupported-model
 */
export async function openSubject(
  open: OpenSession,
  given: Model,
  options: { readonly output?: string | undefined; readonly name: string },
): Promise<Subject> {
  const model = revealScores(given);
  const { output, name } = options;
  const target = await openTargetWith(open, model, { name, ...(output === undefined ? {} : { output }) });
  const facts = differentiability(model).facts;
  const controlFlow = model.graph.nodes.filter(({ op }) => branching.has(op)).map(nodeLabel);
  const notes =
    model === given ? target.notes : [...target.notes, "the choice of a class at the end was cut off: scores lie behind it"];
  return { target, model, facts, controlFlow, notes };
}

/** Something that answers over the wire. */
export const remoteSubject = (target: AttackTarget): Subject => ({
  target,
  model: undefined,
  facts: [],
  controlFlow: [],
  notes: target.notes,
});
