import { lineChart, responsive } from "../../../base/plot/index.ts";
import type { AssessmentFacts, ThreatFacts } from "./facts.ts";

/** Robust accuracy against ε, one chart for each norm: with bands, the clean level and chance. */
export function curveSection({ threats, cleanAccuracy, cleanInterval, chance }: AssessmentFacts): string {
  const norms = [...new Set(threats.map(({ norm }) => norm))];
  const charts = norms.map((norm) => {
    const points = threats.filter((threat) => threat.norm === norm).toSorted((a, b) => a.epsilon - b.epsilon);
    const far = points.at(-1)!.epsilon;
    const start = { x: 0, y: cleanAccuracy, low: cleanInterval.low, high: cleanInterval.high };
    const at = (level: number) => [0, far].map((x) => ({ x, y: level }));
    return responsive((width) =>
      lineChart({
        title: `robust accuracy against radius, ${norm}`,
        width,
        height: width < 500 ? 300 : 360,
        x: { label: `radius ε (${norm})`, min: 0 },
        y: { label: "answers that stay right", min: 0, max: 1, format: "percent" },
        series: [
          { label: "worst case over all attacks", points: [start, ...points.map(toPoint)], colour: 1 },
          { label: "clean", points: at(cleanAccuracy), colour: 3, stroke: "dashed", marks: false },
        ],
        // Whether an answer of a task holds is nothing that is guessed.
        rules: chance > 0 ? [{ label: "chance", y: chance }] : [],
      }),
    );
  });
  return `<h2>How it breaks</h2>${charts.join("")}`;
}

const toPoint = ({ epsilon, robustAccuracy, interval }: ThreatFacts) => ({
  x: epsilon,
  y: robustAccuracy,
  low: interval.low,
  high: interval.high,
});
