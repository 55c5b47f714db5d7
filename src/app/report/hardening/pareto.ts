import { lineChart, responsive, standalone } from "../../../base/plot/index.ts";
import type { Shares } from "./cost-table.ts";

/** A model in the plane of what it gets right alone and what it gets right under attack. */
export interface ParetoPoint {
  readonly label: string;
  readonly clean: number;
  readonly robust: number;
}

/** Two models of interest, and others beside them. */
export interface ParetoFacts {
  readonly before: Shares;
  readonly after: Shares;
  readonly peers: readonly ParetoPoint[];
  readonly threat: { readonly norm: string; readonly epsilon: number };
  /** What the model after is called. */
  readonly label: string;
}

/** Right answers against right answers under attack: up and to the right is better, and nothing gets both for free. */
export const paretoSection = (facts: ParetoFacts): string => responsive((width) => chart(facts, width));

/** The same picture as a file. */
export const paretoChart = (facts: ParetoFacts): string => standalone(chart(facts, 640));

function chart({ before, after, peers, threat, label: name }: ParetoFacts, width: number): string {
  const { norm, epsilon } = threat;
  const own = [before, after].map(({ clean, robust, robustInterval: { low, high } }) => ({ x: clean, y: robust, low, high }));
  const least = Math.min(before.clean, after.clean, ...peers.map(({ clean }) => clean));
  return lineChart({
    title: "right answers, without and with an attacker",
    width,
    height: width < 500 ? 300 : 360,
    x: { label: "right without an attacker", min: Math.max(0, Math.floor(10 * least - 0.5) / 10), max: 1, format: "percent" },
    y: { label: `right under attack (${norm} ${epsilon})`, min: 0, max: 1, format: "percent" },
    series: [
      { label: "before", points: [own[0]!], colour: "quiet" },
      { label: name, points: [own[1]!], colour: 1 },
      ...peers
        .slice(-6)
        .map(({ label, clean, robust }, i) => ({ label, points: [{ x: clean, y: robust }], colour: (i % 7) + 2 })),
    ],
  });
}
