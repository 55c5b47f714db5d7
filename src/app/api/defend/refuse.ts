/** How `defend` says no. */
import { quote } from "../../../base/error/index.ts";
import type { ModelkeepError } from "../../../base/error/index.ts";
import { badOption, defences, detectors } from "../../../lab/defend/index.node.ts";

const named = (all: readonly { readonly id: string }[]): string => all.map(({ id }) => id).join(", ");

export const noDefence = (): ModelkeepError =>
  badOption(
    "there is nothing to put in front of the model",
    `--defence ${defences.all[0]!.id} (there are ${named(defences.all)}), --detector squeeze (there are ${named(detectors.all)}), or --with other.onnx`,
  );

export const oneThreat = (threat: string): ModelkeepError =>
  badOption(`${quote(threat)} has several radii`, "cost and gain are measured at one, for example --threat linf:0.1");
