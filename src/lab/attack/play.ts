/** The runner's side of an attack's context: every question is moved into the allowed set, counted, asked, and judged here. */
import type { Seeded } from "../../base/math/index.ts";
import { allowedGradient, judged, onlyAllowed } from "./allowed.ts";
import { randomPoint } from "./ball.ts";
import { createDescend } from "./carlini/descend.ts";
import { createClimb } from "./climb.ts";
import type { AttackBatch, AttackContext, GradientFeed } from "./context.ts";
import type { EvidenceRecorder } from "./evidence.ts";
import type { Judge } from "./judge.ts";
import type { Ledger } from "./ledger.ts";
import type { Repair } from "./constraints/repair.ts";
import { leadOf } from "./lead.ts";
import { createSquares } from "./square/squares.ts";
import { decisions, realClasses } from "./target.ts";
import type { AttackTarget, LossAnswer, LossKind } from "./target.ts";

/** What a play stands on. Examples are positions in the whole run, rows positions in its batch. */
export interface Play {
  readonly target: AttackTarget;
  readonly batch: AttackBatch;
  /** The example of each row. */
  readonly examples: Int32Array;
  readonly repair: Repair;
  /** The radius points are kept in: infinite for attacks that look for the nearest wrong answer. */
  readonly radius: number;
  readonly epsilon: number;
  /** Whether a row that fell at this radius needs no more attack. */
  readonly fallen: (example: number) => boolean;
  readonly judge: Judge;
  /** Whether points are judged by how far the wrong class leads. */
  readonly byLead: boolean;
  readonly ledger: Ledger;
  readonly evidence: EvidenceRecorder;
  readonly rng: Seeded;
  readonly signal: AbortSignal | undefined;
  /** Told which part of a composite attack begins. */
  begins?(part: string): void;
  /** Throws when the run has to stop. */
  check(): void;
}

/** The context of one attack, or of a part of one. */
export function createContext<Params>(play: Play, part: string, params: Params): AttackContext<Params> {
  const { target, batch, examples, repair, judge, ledger } = play;
  const { room } = repair;
  const everyRow = Int32Array.from({ length: batch.size }, (_, row) => row);
  const exampleOf = (rows: Int32Array): Int32Array => rows.map((row) => examples[row]!);
  const move = (how: Repair["repair"], rows: Int32Array, x: Float32Array): void => {
    for (const [i, row] of rows.entries()) {
      how(x, batch.x, { x: i * room.rowSize, origin: row * room.rowSize, epsilon: play.radius });
    }
  };
  const see: Hands["see"] = (rows, x, labels, scores) => {
    for (const [i, row] of rows.entries()) {
      const answer = { classes: target.classes, row: i, label: batch.labels[row]!, target: batch.targets?.[row] };
      const lead = play.byLead && scores !== undefined ? leadOf({ ...answer, scores, refusal: target.refusal }) : undefined;
      judge.see(examples[row]!, { label: labels[i]!, x, at: i * room.rowSize, part, lead });
    }
  };
  const ask = createAsk(play, { exampleOf, move, see });
  return {
    batch,
    params,
    room,
    epsilon: play.epsilon,
    classes: target.classes,
    refusal: target.refusal,
    rivals: realClasses(target) - 1,
    rowDims: target.rowDims,
    rowSize: target.rowSize,
    rng: play.rng,
    whiteBox: target.whiteBox,
    standing: (rows = everyRow) => rows.filter((row) => !play.fallen(examples[row]!) && !ledger.exhausted(examples[row]!)),
    nearest(row) {
      const example = examples[row]!;
      const far = judge.findings.distance[example]!;
      const at = example * room.rowSize;
      return { distance: far, x: far === Infinity ? undefined : judge.findings.nearest.subarray(at, at + room.rowSize) };
    },
    project: (rows, x) => move(repair.repair, rows, x),
    randomStart(rows) {
      const x = new Float32Array(rows.length * room.rowSize);
      for (const [i, row] of rows.entries()) {
        x.set(randomPoint(room, batch.x, { origin: row * room.rowSize, epsilon: play.epsilon }, play.rng), i * room.rowSize);
      }
      move(repair.relax, rows, x);
      return x;
    },
    wins: (row, label) => judge.wins(examples[row]!, label),
    ...ask,
    climb: createClimb(play, part),
    descend: createDescend(play, part),
    squares: createSquares(play, part),
    restart: () => play.evidence.restart(everyRow.filter((row) => !play.fallen(examples[row]!)).length),
    as(other, otherParams, { free = false } = {}) {
      play.begins?.(other);
      return createContext(free ? { ...play, radius: Number.POSITIVE_INFINITY } : play, other, otherParams);
    },
  };
}

interface Hands {
  exampleOf(rows: Int32Array): Int32Array;
  move(how: Repair["repair"], rows: Int32Array, x: Float32Array): void;
  see(rows: Int32Array, x: Float32Array, labels: Int32Array, scores?: Float32Array): void;
}

/** The three kinds of question. */
function createAsk(play: Play, { exampleOf, move, see }: Hands): Pick<AttackContext, "scores" | "decide" | "gradient"> {
  const { target, batch, repair, ledger, evidence, signal } = play;
  const { classes } = target;
  const oneMore = (example: number): boolean => ledger.spend("queries", Int32Array.of(example))[0] === 1;

  async function scores(rows: Int32Array, x: Float32Array): Promise<Float32Array> {
    play.check();
    move(repair.repair, rows, x);
    const allowed = ledger.spend("queries", exampleOf(rows));
    const answers = await onlyAllowed(allowed, { x, of: exampleOf(rows), width: classes, empty: NaN }, (some) =>
      target.scores!(some, { signal, again: (row) => oneMore(some.examples[row]!) }),
    );
    see(rows, x, judged(allowed, decisions(answers, classes)), answers);
    return answers;
  }

  async function decide(rows: Int32Array, x: Float32Array): Promise<Int32Array> {
    play.check();
    move(repair.repair, rows, x);
    const allowed = ledger.spend("queries", exampleOf(rows));
    const labels = await onlyAllowed(allowed, { x, of: exampleOf(rows), width: 1, empty: -1 }, (some) =>
      target.decide(some, { signal, again: (row) => oneMore(some.examples[row]!) }),
    );
    see(rows, x, judged(allowed, labels));
    return labels;
  }

  async function gradient(loss: LossKind, rows: Int32Array, x: Float32Array, feed: GradientFeed = {}): Promise<LossAnswer> {
    play.check();
    move(repair.discrete ? repair.relax : repair.repair, rows, x);
    const asked = exampleOf(rows);
    const allowed = ledger.spend("gradients", asked);
    const labels = rows.map((row) => batch.labels[row]!);
    const targets = feed.targets ?? (batch.targets === undefined ? undefined : rows.map((row) => batch.targets![row]!));
    const answer = await allowedGradient(play, { loss, x, of: asked, feed: { labels, targets, weights: feed.weights }, allowed });
    if (feed.recorded !== false) {
      evidence.loss(asked, answer.loss);
      evidence.gradient(asked, answer.gradient);
    }
    // Where numbers can only jump, the point of the gradient is no example: the nearest one that is gets asked.
    if (repair.discrete) await scores(rows, x.slice());
    else see(rows, x, judged(allowed, decisions(answer.scores, classes)), answer.scores);
    return answer;
  }

  return { scores, decide, gradient };
}
