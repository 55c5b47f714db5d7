/** Certificates as one page: what is proven of how many answers at which radius. No script, no network. */
import { lineChart, responsive } from "../../../base/plot/index.ts";
import { percent } from "../assessment/words.ts";
import { markup } from "../markup.ts";
import { pageHead } from "../page-head.ts";

/** What the page tells. */
export interface CertificateFacts {
  readonly method: string;
  readonly params: Readonly<Record<string, number>>;
  readonly model: { readonly file: string; readonly digest: string };
  readonly data: { readonly name: string; readonly digest: string };
  readonly size: number;
  readonly cleanAccuracy: number;
  readonly abstained: number;
  readonly curve: readonly { readonly norm: string; readonly epsilon: number; readonly accuracy: number }[];
  readonly medianRadius: number;
  readonly requirements: readonly { readonly requirement: string; readonly met: boolean; readonly reason: string }[];
  readonly stopped?: string;
  readonly version: string;
}

/** @example writeFileSync("report.html", certificatePage(facts)) */
export function certificatePage(facts: CertificateFacts): string {
  const { model, data, curve, requirements, params } = facts;
  const checks = requirements.map(
    ({ requirement, met, reason }) =>
      `<li>${met ? '<b class="good" title="met">✓</b>' : '<b class="bad" title="missed">✗</b>'}<span><code>${markup(requirement)}</code> <span class="quiet">${markup(reason)}</span></span></li>`,
  );
  return [
    pageHead(`Certificate of ${model.file}`),
    `<h1>Certificate of <code>${markup(model.file, 200)}</code></h1>`,
    ...(checks.length === 0 ? [] : [`<h2>Thresholds</h2><ul class="thresholds">${checks.join("")}</ul>`]),
    `<p class="lead">${markup(sentence(facts))}</p>`,
    `<p class="quiet">${facts.stopped === undefined ? "" : `${facts.size} of `}${markup(data.name, 200)} · ${percent(facts.cleanAccuracy)} right before any change${facts.abstained > 0 ? ` · abstained on ${facts.abstained}` : ""}</p>`,
    ...(facts.stopped === undefined ? [] : [`<p class="doubt"><b>This run ended early: ${markup(facts.stopped)}.</b></p>`]),
    responsive((width) =>
      lineChart({
        title: "certified accuracy against radius",
        width,
        height: width < 500 ? 300 : 360,
        x: { label: `radius (${curve[0]?.norm ?? ""})`, min: 0 },
        y: { label: "right, and proven to stay right", min: 0, max: 1, format: "percent" },
        series: [{ label: facts.method, points: curve.map(({ epsilon, accuracy }) => ({ x: epsilon, y: accuracy })), colour: 1 }],
      }),
    ),
    `<div class="scroll"><table><tr><th>radius</th><th>certified accuracy</th></tr>${curve.map(({ norm, epsilon, accuracy }) => `<tr><td>${markup(norm)} ${epsilon}</td><td>${percent(accuracy)}</td></tr>`).join("")}</table></div>`,
    `<h2>What this says</h2><p>${words[facts.method] ?? ""}</p>`,
    `<footer>Modelkeep ${markup(facts.version)} · model <code>${markup(model.digest)}</code> · data <code>${markup(data.digest)}</code> · <code>${markup(JSON.stringify(params))}</code></footer>`,
    "</body></html>",
    "",
  ].join("\n");
}

function sentence({ curve }: CertificateFacts): string {
  const last = curve.findLast(({ epsilon, accuracy }) => epsilon > 0 && accuracy > 0);
  if (last === undefined) return "No answer is proven to hold at any radius that was asked for.";
  const middle = curve.find(({ epsilon, accuracy }) => epsilon > 0 && accuracy > 0)!;
  return `${percent(middle.accuracy)} of answers are right and proven to stay right under any change within ${middle.norm} ${middle.epsilon}${last === middle ? "" : `, ${percent(last.accuracy)} within ${last.epsilon}`}.`;
}

const words: Readonly<Record<string, string>> = {
  smoothing:
    "The certificate holds for the smoothed model: the one that answers with the class said most often under noise. Each radius is wrong with at most the chance alpha that is named below. The model alone, asked once, is another model.",
  interval:
    "Each answer counted was proven by interval bounds over the whole box. What is not proven may still hold: bounds are loose.",
  zonotope:
    "Each answer counted was proven by zonotope bounds over the whole box. What is not proven may still hold: bounds are loose.",
};
