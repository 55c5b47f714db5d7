/** What the two ways of certifying are given, and what they find. */
import type { Requirement } from "../../../lab/assess/index.ts";
import type { CertifiedRow } from "../../../lab/defend/index.node.ts";
import type { Model } from "../../../model/onnx/index.ts";
import type { AssessData } from "../assess/data.ts";
import type { CertifyRequest, CertifyWays } from "./request.ts";

export interface Given {
  readonly request: CertifyRequest;
  readonly data: AssessData;
  readonly model: Model;
  readonly requirements: readonly Requirement[];
  readonly ways: CertifyWays;
}

export interface Found {
  readonly rows: readonly (CertifiedRow & { readonly top?: number })[];
  readonly cleanAccuracy: number;
  readonly params: Readonly<Record<string, number>>;
  readonly radii: readonly number[];
}
