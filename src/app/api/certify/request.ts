/** Certificates as a person asks for them. */
import type { EvidenceSink } from "../../../base/evidence/index.ts";
import type { Clock } from "../../../base/port/index.ts";

/** How a certificate is got. */
export type CertifyMethod = "smoothing" | "interval" | "zonotope";

/** What is asked. */
export interface CertifyRequest {
  readonly model: string;
  readonly data: string;
  readonly labels?: string | undefined;
  readonly target?: string | undefined;
  readonly limit?: number | undefined;
  readonly output?: string | undefined;
  readonly method: string;
  /** Deviation of the noise, for smoothing. */
  readonly sigma: number;
  readonly n: number;
  readonly n0: number;
  readonly alpha: number;
  /** Radii for bounds: `linf:0.05,0.1`. */
  readonly threats?: readonly string[] | undefined;
  readonly requirements?: readonly string[] | undefined;
  readonly bounds?: string | undefined;
  readonly seed: number;
  readonly out: string;
}

/** Ways that do not change the result. */
export interface CertifyWays {
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Takes the entry of evidence, where a log is kept. */
  readonly evidence?: EvidenceSink | undefined;
  readonly tell?: (done: number, of: number) => void;
}
