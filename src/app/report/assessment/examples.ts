import { imageTile, shades, signedColours, signedKey } from "../../../base/plot/index.ts";
import { markup } from "../markup.ts";
import type { AssessmentFacts, Example } from "./facts.ts";
import { percent } from "./words.ts";

/** The originals, what was added (magnified), and what the model made of the sum. */
export function exampleSection({ examples, answers }: Pick<AssessmentFacts, "examples" | "answers">): string {
  if (examples.length === 0) return "";
  return [
    "<h2>Examples</h2>",
    `<p class="quiet">The smallest change found for each${answers === undefined ? ", of different classes" : ""}. The middle picture shows the change alone, stretched to full colour.</p>`,
    `<div class="key"><span>darker</span>${signedKey("from darker to brighter")}<span>brighter</span></div>`,
    `<div class="examples">${examples.map((example) => figure(example, answers)).join("")}</div>`,
  ].join("");
}

/** @param answers what a task's scores stand for; classes are numbers */
function figure(example: Example, answers: readonly string[] | undefined): string {
  const { channels, height, width, original, adversarial, before, after, distance, norm, index, label, attack } = example;
  const planes = (values: ArrayLike<number>) => ({ channels, height, width, values });
  const delta = adversarial.map((value, i) => value - original[i]!);
  const limit = delta.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const max = original.reduce((most, value) => Math.max(most, value), 0) > 1 ? 255 : 1;
  const said = ({ label: of, confidence }: Example["before"]): string =>
    answers?.[of] ?? `says ${of}${confidence === undefined ? "" : `, ${percent(confidence)} sure`}`;
  const caption =
    answers === undefined
      ? `A ${label} taken for a <b>${after.label}</b>`
      : `Example ${index}: <b>${markup(answers[after.label] ?? "no answer")}</b>`;
  const tile = (svg: string, words: string): string => `<div>${svg}<span>${markup(words)}</span></div>`;
  return [
    '<figure><div class="tiles">',
    tile(imageTile(`example ${index}`, shades(planes(original), { min: 0, max })), said(before)),
    tile(
      imageTile(`what was added to example ${index}`, signedColours(planes(delta), limit)),
      `at most ±${Number(limit.toPrecision(2))}`,
    ),
    tile(imageTile(`example ${index}, changed`, shades(planes(adversarial), { min: 0, max })), said(after)),
    `</div><figcaption>${caption} <span class="quiet">at ${markup(norm)} ${Number(distance.toPrecision(3))} (${markup(attack)})</span></figcaption></figure>`,
  ].join("");
}
