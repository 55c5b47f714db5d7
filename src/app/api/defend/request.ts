/** A defence as a person asks for it, made precise. */
import { mergeThreats, parseThreat } from "../../../lab/assess/index.ts";
import type { ThreatLine } from "../../../lab/assess/index.ts";
import { parseSpec } from "../../../lab/defend/index.node.ts";
import type { Spec } from "../../../lab/defend/index.node.ts";
import { badData } from "../train/refuse.ts";
import { noDefence, oneThreat } from "./refuse.ts";

/** What the command line says, as it says it. */
export interface DefendRequest {
  readonly model: string;
  readonly out: string;
  /** `squeeze:bits=3`, the first one nearest to whoever asks. */
  readonly defences?: readonly string[] | undefined;
  /** `squeeze:bits=3` */
  readonly detector?: string | undefined;
  /** Share of harmless inputs that the detector may refuse. Default 0.05. */
  readonly fpr?: number | undefined;
  /** Chance that it keeps that promise. Default 0.95. */
  readonly confidence?: number | undefined;
  /** Other models of an ensemble. */
  readonly with?: readonly string[] | undefined;
  /** Calibrates the detector and measures cost and gain; without it there is only the file. */
  readonly data?: string | undefined;
  readonly labels?: string | undefined;
  readonly target?: string | undefined;
  readonly limit?: number | undefined;
  readonly bounds?: string | undefined;
  readonly output?: string | undefined;
  /** `linf:0.1`. Default: a tenth of the range of values, linf. */
  readonly threat?: string | undefined;
  /** Examples that are attacked before and after. Default 100. */
  readonly check?: number | undefined;
  readonly seed?: number | undefined;
  /** Folder that runs are kept in. Default `runs`. */
  readonly runs?: string | undefined;
}

/** What is to be built. */
export interface Plan {
  readonly defences: readonly Spec[];
  readonly detector: Spec | undefined;
  readonly threat: ThreatLine | undefined;
}

/** @throws defend/bad-option · assess/bad-threat · api/bad-data */
export function planOf({ defences = [], detector, with: members = [], data, threat }: DefendRequest): Plan {
  if (defences.length === 0 && detector === undefined && members.length === 0) throw noDefence();
  if (detector !== undefined && data === undefined)
    throw badData("a detector is calibrated on harmless examples, and there are none", "give them with --data");
  const lines = threat === undefined ? [] : mergeThreats([parseThreat(threat)]);
  if (lines.some(({ epsilons }) => epsilons.length > 1)) throw oneThreat(threat!);
  return {
    defences: defences.map(parseSpec),
    detector: detector === undefined ? undefined : parseSpec(detector),
    threat: lines[0],
  };
}
