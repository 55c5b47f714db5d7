/** What the assessment's page shows, as plain values. The lab's shapes fit these without the report knowing the lab. */

interface Range {
  readonly low: number;
  readonly high: number;
}

export interface ThreatFacts {
  readonly norm: string;
  readonly epsilon: number;
  readonly n: number;
  readonly robustAccuracy: number;
  readonly interval: Range;
  readonly verdict: "robust" | "broken" | "not shown";
  readonly reasons: readonly string[];
  readonly perAttack: readonly {
    readonly attack: string;
    readonly title: string;
    readonly params: unknown;
    readonly attempted: number;
    readonly broke: number;
    readonly robustAccuracy: number;
    readonly worstCase: number;
    readonly queries: number;
    readonly gradients: number;
    readonly milliseconds: number;
    readonly stopped?: string;
  }[];
}

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

export interface AssessmentFacts {
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
  readonly chance: number;
  readonly cleanAccuracy: number;
  readonly cleanInterval: Range;
  readonly threats: readonly ThreatFacts[];
  readonly requirements: readonly { readonly requirement: string; readonly met: boolean; readonly reason: string }[];
  readonly audit: readonly {
    readonly check: string;
    readonly title: string;
    readonly status: string;
    readonly message: string;
  }[];
  readonly notes: readonly string[];
  readonly adaptive: readonly string[] | undefined;
  readonly stopped: string | undefined;
  readonly examples: readonly Example[];
}
