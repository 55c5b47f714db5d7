/** How `defend` says no. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { defences, detectors } from "../../../lab/defend/index.node.ts";

const bad = (message: string, hint: string): ModelkeepError =>
  new ModelkeepError("defend/bad-option", { message, hint, exit: 4, status: 400 });

const named = (all: readonly { readonly id: string }[]): string => all.map(({ id }) => id).join(", ");

export const noDefence = (): ModelkeepError =>
  bad(
    "there is nothing to put in front of the model",
    `--defence ${defences.all[0]!.id} (there are ${named(defences.all)}), --detector squeeze (there are ${named(detectors.all)}), or --with other.onnx`,
  );

export const oneThreat = (threat: string): ModelkeepError =>
  bad(`${quote(threat)} has several radii`, "cost and gain are measured at one, for example --threat linf:0.1");
