/** What a person who waits for an assessment reads: what each attack left, which part of a long one begins, and now and then where it stands. */
import type { AssessWays } from "../api/assess/index.ts";
import { percent } from "./output.ts";
import type { Output } from "./output.ts";

type Event = Parameters<NonNullable<AssessWays["onEvent"]>>[0];

/** Without anything else to say, a line this often. */
const everyMs = 10_000;

/** @param now a clock in milliseconds */
export function tellAssessment(output: Output, now: () => number): (event: Event) => void {
  let last = now();
  let working = "";
  const say = (line: string): void => {
    last = now();
    output.note(line);
  };
  return (event) => {
    if (event.kind === "clean") say(`clean: ${percent(event.accuracy)} of ${event.size} right`);
    if (event.kind === "step") say(event.what);
    if (event.kind === "attack") {
      const { record, epsilons } = event;
      const left = epsilons.map((epsilon, level) => `${epsilon}: ${percent(record.after[level]!)}`).join(", ");
      say(`${record.key} (${record.norm}) leaves right, at most, at ${left}`);
    }
    if (event.kind !== "progress") return;
    const { attack, part, epsilon, standing } = event.progress;
    const here = `${attack} ${part} ${epsilon}`;
    const begins = part !== attack && here !== working;
    working = here;
    if (begins || now() - last >= everyMs)
      say(`${attack === part ? attack : `${attack}: ${part}`} at ${epsilon}: ${standing} of those attacked still stand`);
  };
}
