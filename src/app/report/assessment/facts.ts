/** What the assessment's page shows, as plain values: the lab's own verdicts, and what is known of the model and the data beside them. */
import type { Assessment, ThreatVerdict } from "../../../lab/assess/index.ts";

export type ThreatFacts = ThreatVerdict;

/** One example of the viewer. */
export interface Example {
  readonly norm: string;
  readonly index: number;
  readonly label: number;
  readonly distance: number;
  readonly attack: string;
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly original: Float32Array;
  readonly adversarial: Float32Array;
  readonly before: { readonly label: number; readonly confidence?: number };
  readonly after: { readonly label: number; readonly confidence?: number };
}

export interface AssessmentFacts extends Omit<Assessment, "runs"> {
  readonly model: {
    readonly file: string;
    /** Absent where only an address is known. */
    readonly digest?: string;
    readonly classes: number;
    readonly rowDims: readonly number[];
  };
  readonly data: { readonly name: string; readonly digest: string; readonly size: number };
  readonly seed: number;
  readonly replay: string;
  readonly version: string;
  readonly examples: readonly Example[];
}
