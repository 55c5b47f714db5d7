/** The attacks themselves on trial: curves, attacks without a limit, planted regions, on the view that attacks best. */
import type { Model } from "../../model/onnx/index.ts";
import { attacks, openTargetWith } from "../attack/index.ts";
import type { AttackTarget, Bounds, OpenSession } from "../attack/index.ts";
import { runActiveTest } from "./active/active-test.ts";
import type { Told } from "./active/active-test.ts";
import { featuresOf } from "./active/features.ts";
import { adaptiveView } from "./adaptive/views.ts";
import type { AdaptiveView, Remedies } from "./adaptive/views.ts";
import type { AuditFacts } from "./audit/define.ts";
import { unfit } from "./plan.ts";
import { roomOf, tryCurve, tryUnbounded } from "./trials.ts";
import type { Work } from "./work.ts";

type Trials = Pick<AuditFacts, "curves" | "unbounded" | "active">;

export async function tryOut(work: Work, view: AdaptiveView | undefined, remedies: Remedies): Promise<Trials> {
  const { options, target, runs, over } = work;
  const { bounds, signal, seed = 0 } = options;
  const nothing = { curves: [], unbounded: [], active: [] };
  // The attacks of the verdict are the ones on trial: without a view of their own, the plain ones.
  const best = view?.target ?? target;
  const fitting = runs.filter(({ norm }) => unfit(attacks.get("pgd"), best, norm) === undefined);
  if (best.whiteBox === undefined || over() || fitting.length === 0) return nothing;
  options.onEvent?.({ kind: "step", what: "the audit: curves, unbounded attacks, planted regions" });
  try {
    const [few, some] = [work.few(24, best), work.few(48, best)];
    if (few.labels.length === 0) return nothing;
    const curves = [];
    const unbounded = [];
    const active = [];
    // Planted regions are of classes: a task's scores come from no layer of the model's own.
    const plain = target.whiteBox !== undefined && options.subject.task === undefined;
    const features = plain ? featuresOf(target.whiteBox!.model, target.whiteBox!.logits) : undefined;
    const viewOf =
      view === undefined
        ? undefined
        : (truth: AttackTarget, model: Model, told: Told) =>
            plantedView(options.open, truth, { model, remedies, seed, told, bounds });
    for (const { norm, standings } of fitting) {
      if (standings.epsilons.length > 1) curves.push(await tryCurve(some, { norm, epsilons: standings.epsilons }));
      unbounded.push(await tryUnbounded(few, norm));
      const epsilon = standings.epsilons[standings.epsilons.length >> 1]!;
      if (features === undefined || over()) continue;
      const planted = work.few(options.planted ?? 16, best);
      const room = roomOf(norm, bounds, target.rowSize);
      active.push(await runActiveTest({ ...planted, open: options.open, room, features, viewOf }, { norm, epsilon }));
    }
    return { curves, unbounded, active };
  } catch (error) {
    if (signal?.aborted === true) return nothing;
    throw error;
  }
}

async function plantedView(
  open: OpenSession,
  truth: AttackTarget,
  given: {
    readonly model: Model;
    readonly remedies: Remedies;
    readonly seed: number;
    readonly told: Told;
    readonly bounds: Bounds;
  },
): Promise<AttackTarget> {
  return (
    (await adaptiveView(open, truth, { ...given, remedies: { ...given.remedies, scale: 1 } }))?.target ??
    openTargetWith(open, given.model, { told: given.told, rowDims: truth.rowDims })
  );
}
