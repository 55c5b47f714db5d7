import { expect, it } from "vitest";
import { createOutput } from "./output.ts";
import { tellAssessment } from "./assess-progress.ts";

it("says which part of an attack begins and, where nothing else is said for long, how many examples stand", () => {
  const lines: string[] = [];
  const sink = { write: (text: string) => lines.push(text) };
  let now = 0;
  const tell = tellAssessment(createOutput({ stdout: { write: () => true }, stderr: sink, env: {} }, true), () => now);
  const at = (attack: string, part: string, standing: number): void =>
    tell({ kind: "progress", progress: { attack, part, epsilon: 0.1, standing, size: 50, queries: 0, gradients: 0 } });
  at("pgd", "pgd", 50);
  at("autoattack", "apgd-ce", 48);
  at("autoattack", "apgd-ce", 40);
  now = 4000;
  at("autoattack", "fab-t", 31);
  at("autoattack", "fab-t", 30);
  now = 15_000;
  at("autoattack", "fab-t", 29);
  at("autoattack", "fab-t", 29);
  expect(lines).toEqual([
    "autoattack: apgd-ce at 0.1: 48 of those attacked still stand\n",
    "autoattack: fab-t at 0.1: 31 of those attacked still stand\n",
    "autoattack: fab-t at 0.1: 29 of those attacked still stand\n",
  ]);
});
