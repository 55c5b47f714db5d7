/** What hardening gave and what it cost, as one page. No script, no network. */
import { markup } from "../markup.ts";
import { pageHead } from "../page-head.ts";
import { percent, points } from "../assessment/words.ts";
import { costTable } from "./cost-table.ts";
import type { Shares } from "./cost-table.ts";
import { paretoSection } from "./pareto.ts";
import type { ParetoPoint } from "./pareto.ts";

/** What a short check saw. */
export interface CheckFacts extends Shares {
  readonly attacks: readonly { readonly id: string; readonly params: unknown; readonly robust: number }[];
}

/** What the page tells. */
export interface HardeningPageFacts {
  readonly model: string;
  readonly out: string;
  readonly version: string;
  /** The method's title. */
  readonly method: string;
  readonly hardening: {
    readonly method: string;
    readonly params: unknown;
    readonly threat: { readonly norm: string; readonly epsilon: number };
    readonly ramp: number;
  };
  readonly before: CheckFacts;
  readonly after: CheckFacts;
  readonly cost: { readonly seconds: number; readonly cpuSeconds: number };
  readonly data: { readonly name: string; readonly n: number; readonly digest: string };
  readonly replay: string;
  readonly peers: readonly ParetoPoint[];
}

/** @example writeFileSync("report.html", hardeningPage(facts)) */
export function hardeningPage(facts: HardeningPageFacts): string {
  const { before, after, hardening, cost, data } = facts;
  const { norm, epsilon } = hardening.threat;
  return [
    pageHead(`Hardening of ${facts.model}`),
    `<h1>Hardening of <code>${markup(facts.model, 200)}</code></h1>`,
    `<p class="lead">${markup(sentence(facts))}</p>`,
    `<p class="quiet">${markup(facts.method)} within ${markup(norm)} ${epsilon} · learnt from ${markup(data.name, 200)}, ${data.n} examples · ${minutes(cost.seconds)}, ${minutes(cost.cpuSeconds)} of processor</p>`,
    "<h2>What it gave and what it cost</h2>",
    costTable(before, after),
    `<p class="quiet">Shares of ${after.n} examples that were not learnt from, with 95 % intervals. The attack is short: both robust shares are upper bounds. <code>modelkeep assess</code> judges.</p>`,
    paretoSection({ before, after, peers: facts.peers, threat: hardening.threat, label: `after: ${hardening.method}` }),
    "<h2>How it was checked</h2><ul>",
    ...after.attacks.map(
      ({ id, params, robust }) => `<li><code>${markup(`${id} ${JSON.stringify(params)}`)}</code> leaves ${percent(robust)}</li>`,
    ),
    "</ul><h2>What to do next</h2>",
    `<p><code>${markup(`modelkeep assess ${facts.out} --data … --threat ${norm}:${epsilon} --attacks autoattack --limit 1000`)}</code></p>`,
    `<footer>Modelkeep ${markup(facts.version)} · data <code>${markup(data.digest)}</code> · <code>${markup(JSON.stringify(hardening.params))}</code>, radius rises over ${percent(hardening.ramp)} of the steps<br>Again: <code>${markup(facts.replay)}</code></footer>`,
    "</body></html>",
    "",
  ].join("\n");
}

function sentence({ before, after, hardening }: HardeningPageFacts): string {
  const { norm, epsilon } = hardening.threat;
  const lost = before.clean - after.clean;
  const cost =
    Math.abs(lost) < 0.0005
      ? "at no cost in right answers"
      : lost > 0
        ? `at the cost of ${points(lost)} of right answers without an attacker`
        : `with ${points(-lost)} more right answers also without an attacker`;
  return `Under a short attack within ${norm} ${epsilon}, ${percent(after.robust)} of answers stay right, where it were ${percent(before.robust)}, ${cost}.`;
}

const minutes = (seconds: number): string => (seconds < 90 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`);
