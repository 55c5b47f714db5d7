/**
 * A release applied to one model. Outputs are hidden, ranked or rounded; what a client may see is again a list of outputs with names,
 * datatypes and shapes, which metadata shows and requests are checked against.
 *
 * - `{ top: k }` turns scores `p` [N,C] into `p` [N,k], highest first, and `p_indices` INT64 [N,k].
 * - `label` turns them into `p` INT64 [N], the index of the highest. Ranks and labels come from the scores before rounding.
 * - Whole numbers with a row for each example may be scores of a quantised model, and under both they are hidden.
 * - Floats that are no scores (an embedding, an image) say at least as much as scores do, so under both they are hidden.
 */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { ModelContract, Tensor, TensorSpec } from "../../../model/onnx/index.ts";
import type {} from "./errors.ts";
import type { Release } from "./rule.ts";
import { isFloatType, labels, rounded, topScores } from "./scores.ts";

/** What one release lets out of one model. */
export interface ReleasePlan {
  /** The outputs as a client sees them. */
  readonly outputs: readonly TensorSpec[];
  /** The model's outputs that must be computed to answer these. */
  modelOutputs(names: readonly string[]): readonly string[];
  /** The tensors to answer with, by the names in {@link outputs}. */
  apply(computed: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>>;
}

/** One output of the model and what becomes of it. */
interface Step {
  readonly source: string;
  readonly released: readonly TensorSpec[];
  readonly run: (tensor: Tensor) => readonly Tensor[];
}

const plans = new WeakMap<ModelContract, Map<string, ReleasePlan>>();

/**
 * The plan for a release and a contract, made once for each pair.
 *
 * @throws `gateway/nothing-released` (403) when no output is left; `gateway/bad-release` (500) when the name for top-k indices is taken
 * @example
 * const plan = planRelease(model.contract, releaseFor(rules, { model: model.name, roles: caller.roles }));
 * const asked = checkAgainstContract(request, { ...model.contract, outputs: plan.outputs });
 * const { outputs } = await model.runner.run(asked.inputs, { outputs: plan.modelOutputs(asked.outputs.map(({ name }) => name)) });
 * const answer = plan.apply(outputs);
 */
export function planRelease(contract: ModelContract, release: Release): ReleasePlan {
  let known = plans.get(contract);
  if (known === undefined) plans.set(contract, (known = new Map()));
  let plan = known.get(release.key);
  if (plan === undefined) known.set(release.key, (plan = makePlan(contract, release)));
  return plan;
}

function makePlan(contract: ModelContract, release: Release): ReleasePlan {
  const steps = contract.outputs.flatMap((spec) => stepFor(spec, contract, release));
  const outputs = steps.flatMap(({ released }) => released);
  if (outputs.length === 0) throw nothingLeft();
  checkNames(outputs);
  return {
    outputs,
    modelOutputs(names) {
      return steps.filter(({ released }) => released.some(({ name }) => names.includes(name))).map(({ source }) => source);
    },
    apply(computed) {
      const answer = Object.create(null) as Record<string, Tensor>;
      for (const { source, released, run } of steps) {
        if (!Object.hasOwn(computed, source)) continue;
        const tensors = run(computed[source]!);
        released.forEach(({ name }, index) => (answer[name] = tensors[index]!));
      }
      return answer;
    },
  };
}

function stepFor(spec: TensorSpec, contract: ModelContract, { top, digits, hide }: Release): readonly Step[] {
  const source = spec.name;
  if (hide.includes(source)) return [];
  if (!isFloatType(spec.type)) {
    // Whole numbers can be scores too (a quantised model), and then they would say what the rule keeps back.
    const tells = top !== Infinity && spec.type !== "string" && spec.type !== "bool" && holdsScores(spec, contract);
    return tells ? [] : [{ source, released: [spec], run: (tensor) => [tensor] }];
  }
  const round = (tensor: Tensor): Tensor => (digits === Infinity ? tensor : rounded(tensor, digits));
  if (top === Infinity) return [{ source, released: [spec], run: (tensor) => [round(tensor)] }];
  if (!holdsScores(spec, contract)) return [];
  const outer = spec.dims.slice(0, -1);
  if (top === 0) return [{ source, released: [{ name: source, type: "int64", dims: outer }], run: (tensor) => [labels(tensor)] }];
  const width = spec.dims.at(-1);
  const dims = [...outer, typeof width === "number" ? Math.min(top, width) : null];
  const released: readonly TensorSpec[] = [
    { name: source, type: spec.type, dims },
    { name: `${source}_indices`, type: "int64", dims },
  ];
  const run = (tensor: Tensor): readonly Tensor[] => {
    const { values, indices } = topScores(tensor, top);
    return [round(values), indices];
  };
  return [{ source, released, run }];
}

/** One row of scores for each example. A single score has no highest, and more axes are an image or an embedding. */
function holdsScores({ dims }: TensorSpec, { batch }: ModelContract): boolean {
  const rank = dims.length;
  return dims.at(-1) !== 1 && (rank === 2 || (rank === 1 && batch === "none"));
}

function checkNames(outputs: readonly TensorSpec[]): void {
  const names = new Set<string>();
  for (const { name } of outputs) {
    if (names.has(name)) {
      throw new ModelkeepError("gateway/bad-release", {
        message: `the indices of top scores would be called ${quote(name)}, which is another output of the model`,
        hint: "hide that output in `gateway.release`, or release labels instead of top scores",
      });
    }
    names.add(name);
  }
}

function nothingLeft(): ModelkeepError {
  return new ModelkeepError("gateway/nothing-released", {
    message: "none of the model's outputs may leave to this caller",
    hint: "an operator can loosen `gateway.release`: top scores and labels need an output with one row of scores for each example",
    status: 403,
  });
}
