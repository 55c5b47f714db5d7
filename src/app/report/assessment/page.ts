/** The assessment as one page: thresholds, a sentence, the curve, the attacks, examples, the audit, what to do. No script, no network. */
import { markup } from "../markup.ts";
import { pageHead } from "../page-head.ts";
import { auditSection } from "./audit.ts";
import { curveSection } from "./curve.ts";
import { exampleSection } from "./examples.ts";
import type { AssessmentFacts, ThreatFacts } from "./facts.ts";
import { leadOf, nextSteps, percent, rounded } from "./words.ts";

/** @example writeFileSync("report.html", assessmentPage(facts)) */
export function assessmentPage(facts: AssessmentFacts): string {
  const { model, data, version, replay, seed } = facts;
  return [
    pageHead(`Assessment of ${model.file}`),
    `<h1>Assessment of <code>${markup(model.file, 200)}</code></h1>`,
    thresholds(facts),
    `<p class="lead">${markup(leadOf(facts))}</p>`,
    `<p class="quiet">${markup(data.name, 200)} · ${percent(facts.cleanAccuracy)} right before any attack (95 %: ${percent(facts.cleanInterval.low)} to ${percent(facts.cleanInterval.high)})${facts.chance > 0 ? ` · chance ${percent(facts.chance)}` : ""}</p>`,
    ...(facts.holds === undefined ? [] : [`<p class="quiet">Task: ${markup(facts.task)}; ${markup(facts.holds)}.</p>`]),
    ...(facts.stopped === undefined
      ? []
      : [`<p class="doubt"><b>This run ended early: ${markup(facts.stopped)}.</b> Figures are upper bounds.</p>`]),
    `<div class="cards">${facts.threats.map(card).join("")}</div>`,
    figureTable(facts.threats),
    curveSection(facts),
    attackTables(facts.threats),
    exampleSection(facts),
    auditSection(facts),
    "<h2>What to do next</h2><ol>",
    ...nextSteps(facts).map((step) => `<li>${step}</li>`),
    "</ol>",
    "<h2>Where this belongs</h2>",
    "<p>MITRE ATLAS: AML.T0043 Craft Adversarial Data, AML.T0015 Evade ML Model, AML.T0031 Erode ML Model Integrity. NIST AI 100-2: evasion attacks, white-box and black-box, integrity violation. OWASP ML01 Input Manipulation. CWE-1039.</p>",
    `<footer>Modelkeep ${markup(version)} · model <code>${markup(model.digest ?? model.file)}</code> · data <code>${markup(data.digest)}</code> · seed ${seed}<br>Again: <code>${markup(replay)}</code></footer>`,
    "</body></html>",
    "",
  ].join("\n");
}

function thresholds({ requirements }: AssessmentFacts): string {
  if (requirements.length === 0) return "";
  const rows = requirements.map(({ requirement, met, reason }) => {
    const mark = met ? '<b class="good" title="met">✓</b>' : '<b class="bad" title="missed">✗</b>';
    return `<li>${mark}<span><code>${markup(requirement)}</code> <span class="quiet">${met ? "met" : "missed"}: ${markup(reason)}</span></span></li>`;
  });
  return `<h2>Thresholds</h2><ul class="thresholds">${rows.join("")}</ul>`;
}

const tone = { robust: "good", broken: "bad", "not shown": "doubt" } as const;
const signs = { robust: "✓", broken: "✗", "not shown": "?" } as const;

function card({ norm, epsilon, verdict, robustAccuracy, interval, n }: ThreatFacts): string {
  return [
    `<div class="card"><div class="quiet">${markup(norm)} within ${epsilon}</div>`,
    `<div class="figure">${percent(robustAccuracy)}</div>`,
    `<div class="${tone[verdict]}"><b>${signs[verdict]} ${verdict}</b></div>`,
    `<small class="quiet">95 %: ${percent(interval.low)} to ${percent(interval.high)}, n = ${n}</small></div>`,
  ].join("");
}

/** What a task measures beside the share that holds. */
function figureTable(threats: readonly ThreatFacts[]): string {
  const rows = threats.flatMap(({ norm, epsilon, figures = [] }) =>
    figures.map(
      ({ title, clean, attacked }) =>
        `<tr><td>${markup(title)}<br><small class="quiet">${markup(norm)} within ${epsilon}</small></td><td>${rounded(clean)}</td><td>${rounded(attacked)}</td></tr>`,
    ),
  );
  if (rows.length === 0) return "";
  const head = "<tr><th>figure</th><th>clean</th><th>attacked</th></tr>";
  return `<h2>In its own measure</h2><p class="quiet">Means over all examples, each at the worst that is known of it; for these a climb goes on where the others stop.</p><div class="scroll"><table>${head}${rows.join("")}</table></div>`;
}

function attackTables(threats: readonly ThreatFacts[]): string {
  const tables = threats.map(({ norm, epsilon, perAttack }, at) => {
    const rows = perAttack.map((row) => {
      const params = JSON.stringify(row.params) ?? "";
      const name = `<b>${markup(row.attack)}</b><br><small class="quiet">${markup(row.title)}${row.stopped === undefined ? "" : ` · <span class="doubt">${markup(row.stopped)}</span>`}</small>`;
      return `<tr title="${markup(params)}"><td>${name}</td><td>${row.attempted}</td><td>${row.broke}</td><td>${percent(row.robustAccuracy)}</td><td>${percent(row.worstCase)}</td><td>${row.queries}</td><td>${row.gradients}</td><td>${(row.milliseconds / 1000).toFixed(1)} s</td></tr>`;
    });
    const head =
      "<tr><th>attack</th><th>tried on</th><th>newly broken</th><th>right after it</th><th>worst case</th><th>answers</th><th>gradients</th><th>time</th></tr>";
    const params = perAttack.map(
      ({ attack, params: given }) => `<li><code>${markup(attack)} ${markup(JSON.stringify(given) ?? "")}</code></li>`,
    );
    const exact = `<details><summary>what each ran with</summary><ul>${params.join("")}</ul></details>`;
    return `<details${at === 0 ? " open" : ""}><summary>${markup(norm)} within ${epsilon}</summary><div class="scroll"><table>${head}${rows.join("")}</table></div>${exact}</details>`;
  });
  return `<h2>Attacks</h2><p class="quiet">Each example counts as right only if it is right at every point that any attack tried.</p>${tables.join("")}`;
}
