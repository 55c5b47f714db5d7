import type { Progress } from "../api/train/index.ts";
import { jsonText } from "./output.ts";
import type { Output } from "./output.ts";

let lastLine = 0;

/** Where a training stands: a line for each epoch, on a terminal now and then one between, under `--json` one object for each epoch. */
export function tellTraining(output: Output, { event, rate, etaSeconds, steps }: Progress): void {
  if (output.json) {
    if (event.kind === "epoch")
      output.note(
        jsonText({ event: "epoch", ...event.record, examplesPerSecond: Math.round(rate), etaSeconds: Math.round(etaSeconds) }),
      );
    return;
  }
  if (event.kind === "start")
    output.note(
      `${event.parameters} parameters in ${event.weights.length} tensors${event.frozen.length === 0 ? "" : `, ${event.frozen.length} frozen`}; ${event.steps} steps`,
    );
  if (event.kind === "step" && process.stderr.isTTY === true && Date.now() - lastLine > 2000) {
    lastLine = Date.now();
    output.note(
      `step ${event.step}/${steps}  loss ${figure(event.loss)}  ${Math.round(rate)} examples/s  ${Math.round(etaSeconds)} s left`,
    );
  }
  if (event.kind !== "epoch") return;
  const { epoch, loss, validation = {}, best } = event.record;
  const seen = Object.entries(validation).map(([name, value]) => `  ${name} ${figure(value)}`);
  const looked = seen.length === 0 ? "" : `  validation${seen.join("")}${best ? "  best so far" : ""}`;
  output.note(
    `epoch ${epoch + 1}  loss ${figure(loss)}${looked}  ${Math.round(rate)} examples/s  ${Math.round(etaSeconds)} s left`,
  );
}

const figure = (value: number): string => Number(value.toPrecision(4)).toString();
