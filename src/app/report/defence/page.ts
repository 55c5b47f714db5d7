/** What a defence costs and what it gives, as one page. No script, no network. */
import { markup } from "../markup.ts";
import { pageHead } from "../page-head.ts";
import { percent, points } from "../assessment/words.ts";
import { costTable } from "../hardening/cost-table.ts";
import type { Shares } from "../hardening/cost-table.ts";
import { paretoSection } from "../hardening/pareto.ts";

/** One side of the comparison. */
export interface DefenceSide extends Shares {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly attacks: readonly { readonly key: string; readonly view: string; readonly robust: number }[];
  readonly adaptive?: readonly string[];
}

/** What the page tells. */
export interface DefencePageFacts {
  readonly model: { readonly file: string; readonly digest: string };
  readonly out: { readonly file: string; readonly digest: string };
  readonly record: {
    readonly defences: readonly { readonly id: string; readonly params: object }[];
    readonly ensemble?: { readonly members: number } | undefined;
    readonly detector?:
      | {
          readonly id: string;
          readonly params: object;
          readonly threshold: number;
          readonly calibration: {
            readonly bound: number;
            readonly confidence: number;
            readonly n: number;
            readonly exceeding: number;
          };
        }
      | undefined;
  };
  readonly threat: { readonly norm: string; readonly epsilon: number };
  readonly before: DefenceSide;
  readonly after: DefenceSide;
  readonly data: { readonly name: string; readonly digest: string };
  readonly version: string;
  readonly replay: string;
}

/** @example writeFileSync("report.html", defencePage(facts)) */
export function defencePage(facts: DefencePageFacts): string {
  const { before, after, threat, out, data, model } = facts;
  return [
    pageHead(`Defence of ${model.file}`),
    `<h1>Defence of <code>${markup(model.file, 200)}</code></h1>`,
    `<p class="lead">${markup(sentence(facts))}</p>`,
    `<p class="quiet">${parts(facts)}</p>`,
    "<h2>What it gives and what it costs</h2>",
    costTable(before, after),
    `<p class="quiet">Shares of ${after.n} examples of ${markup(data.name, 200)}, with 95 % intervals. An attack has won where the answer is wrong${facts.record.detector === undefined ? "" : " and not refused; an example that is refused without an attack is not right"}. The attacks know the defence: gradients go through it, or around it.</p>`,
    paretoSection({ before, after, threat, peers: [], label: "defended" }),
    "<h2>The verdict</h2>",
    `<p><b>${markup(after.verdict)}</b>: ${markup(after.reasons.join("; "))}.</p>`,
    ...(after.adaptive === undefined
      ? []
      : [`<p class="quiet">What was done about it: ${markup(after.adaptive.join("; "))}.</p>`]),
    "<h2>How it was attacked</h2><ul>",
    ...after.attacks.map(
      ({ key, view, robust }) =>
        `<li><code>${markup(key)}</code>${view === "adaptive" ? " as one who knows the defence" : ""} leaves ${percent(robust)}</li>`,
    ),
    "</ul><h2>What to do next</h2>",
    `<p><code>${markup(`modelkeep assess ${out.file} --data … --threat ${threat.norm}:${threat.epsilon} --limit 1000`)}</code></p>`,
    `<footer>Modelkeep ${markup(facts.version)} · model <code>${markup(model.digest)}</code> · defended <code>${markup(out.digest)}</code> · data <code>${markup(data.digest)}</code><br>Again: <code>${markup(facts.replay)}</code></footer>`,
    "</body></html>",
    "",
  ].join("\n");
}

/** What was not shown is not claimed: the share is then what the attacks of this run left, and no more. */
function sentence({ before, after, threat }: DefencePageFacts): string {
  const lost = before.clean - after.clean;
  const cost =
    Math.abs(lost) < 0.0005
      ? "no right answers"
      : lost > 0
        ? `${points(lost)} of right answers`
        : `nothing: ${points(-lost)} more answers are right`;
  const gained = after.robust - before.robust;
  const gain =
    Math.abs(gained) < 0.0005 ? "as many as" : gained > 0 ? `${points(gained)} more than` : `${points(-gained)} fewer than`;
  const left = `Attacks that know the defence and move within ${threat.norm} ${threat.epsilon} leave ${percent(after.robust)} of answers right, ${gain} without it`;
  const doubt = after.verdict === "not shown" ? "; that this is the truth was not shown" : "";
  return `${left}${doubt}. It costs ${cost}.`;
}

function parts({ record: { defences, ensemble, detector } }: DefencePageFacts): string {
  const settings = ({ id, params }: { readonly id: string; readonly params: object }): string =>
    `<code>${markup(`${id} ${JSON.stringify(params)}`)}</code>`;
  return [
    ...(ensemble === undefined ? [] : [`an ensemble of ${ensemble.members}`]),
    ...defences.map(settings),
    ...(detector === undefined
      ? []
      : [
          `detector ${settings(detector)}, threshold ${Number(detector.threshold.toPrecision(4))}: at most ${percent(detector.calibration.bound)} of harmless inputs are refused, with a confidence of ${percent(detector.calibration.confidence)} (${detector.calibration.exceeding} of ${detector.calibration.n} were)`,
        ]),
  ].join(" · ");
}
