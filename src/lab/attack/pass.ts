/** One step of a run: an attack on a batch at a radius. */
import { createSeeded } from "../../base/math/index.ts";
import { recordEvidence } from "./evidence.ts";
import type { EvidenceRecorder } from "./evidence.ts";
import { createJudge, emptyFindings, mergeFindings } from "./judge.ts";
import type { Findings } from "./judge.ts";
import { createContext } from "./play.ts";
import { withinRadius } from "./report-result.ts";
import { gather } from "./rows.ts";
import type { Run, Step } from "./run.ts";

interface Pass {
  readonly examples: Int32Array;
  readonly evidence: EvidenceRecorder;
  readonly own: Findings;
}

/** Plays a step and notes what happened, also when it ends early. */
export async function playStep<Params>(run: Run<Params>, step: Step): Promise<void> {
  const { size, ledger, findings, options } = run;
  const { rowSize } = options.target;
  const began = { at: performance.now(), queries: ledger.totalQueries, gradients: ledger.totalGradients };
  const evidence = recordEvidence(size, rowSize);
  const examples = examplesOf(run, step);
  // An independent pass must find its own wrong answers; what it finds counts for the run all the same.
  const own = options.independent === true ? emptyFindings(options.x, size) : findings;
  try {
    if (examples.length > 0) await attackBatch(run, step, { examples, evidence, own });
    run.done = step.index + 1;
  } finally {
    const [attempted, broken] = [new Uint8Array(size), new Uint8Array(size)];
    const within = withinRadius(run.repair.room, step.epsilon);
    for (const example of examples) {
      attempted[example] = 1;
      broken[example] = within(own.distance[example]!) ? 1 : 0;
    }
    if (own !== findings) mergeFindings(findings, own, rowSize);
    run.passes.push({
      epsilon: step.epsilon,
      attempted,
      broken,
      queries: ledger.totalQueries - began.queries,
      gradients: ledger.totalGradients - began.gradients,
      milliseconds: performance.now() - began.at,
      trace: evidence.trace(),
      restarts: evidence.restarts,
      zeroGradients: evidence.zeroGradients,
      nonFiniteGradients: evidence.nonFiniteGradients,
    });
  }
}

/** Those answered rightly that have not fallen at a smaller radius. */
function examplesOf<Params>(
  { attack, options, repair, findings, clean, ledger }: Run<Params>,
  { epsilon, from, to }: Step,
): Int32Array {
  const reached = withinRadius(repair.room, epsilon);
  const wanted: number[] = [];
  for (let example = from; example < to; example++) {
    const open = options.independent === true || attack.aim === "distance" || !reached(findings.distance[example]!);
    if (clean![example] === 1 && open && !ledger.exhausted(example)) wanted.push(example);
  }
  return Int32Array.from(wanted);
}

async function attackBatch<Params>(run: Run<Params>, step: Step, { examples, evidence, own }: Pass): Promise<void> {
  const { attack, options, repair, original, ledger, seed, size } = run;
  const { target, x, labels, signal } = options;
  const reached = withinRadius(repair.room, step.epsilon);
  const searching = attack.aim === "distance";
  const { confidence } = options;
  let working = attack.id;
  const context = createContext<Params>(
    {
      target,
      batch: {
        size: examples.length,
        x: gather(x, examples, target.rowSize),
        labels: gather(labels, examples, 1),
        targets: original.targets && gather(original.targets, examples, 1),
      },
      examples,
      repair,
      radius: searching ? Infinity : step.epsilon,
      epsilon: step.epsilon,
      // At a fixed radius one wrong answer is enough, if it need not be a sure one.
      fallen: (example) =>
        !searching && reached(own.distance[example]!) && (confidence === undefined || own.lead[example]! >= confidence),
      judge: createJudge(original, own),
      byLead: confidence !== undefined,
      ledger,
      evidence,
      rng: createSeeded(seed, step.index),
      signal,
      begins: (part) => (working = part),
      check: run.check,
    },
    attack.id,
    run.params,
  );
  for await (const candidates of attack.run(context)) {
    run.check();
    if (candidates !== undefined) await context[target.scores === undefined ? "decide" : "scores"](candidates.rows, candidates.x);
    const standing = context.standing().length;
    options.onProgress?.({
      attack: attack.id,
      part: working,
      epsilon: step.epsilon,
      standing,
      size,
      queries: ledger.totalQueries,
      gradients: ledger.totalGradients,
    });
    if (standing === 0) break;
  }
}
