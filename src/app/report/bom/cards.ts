/** What an ML-BOM says of a model, as values: read elsewhere, written by `model.ts`. */
import type { Figure } from "../../../base/evidence/index.ts";
import type { ModelAbout } from "../../../model/onnx/index.ts";

/** Examples that a model learnt from or was measured on. */
export interface DataCard {
  readonly use: "training" | "validation" | "assessment";
  readonly name: string;
  /** `sha256:<hex>` of the values. */
  readonly digest: string | undefined;
  readonly size: number | undefined;
}

/** What a model's training record says, read with care: the file may come from anywhere. */
export interface TrainingCard {
  readonly data: readonly DataCard[];
  readonly from: string | undefined;
  readonly loss: string | undefined;
  readonly epochs: number | undefined;
  readonly figures: readonly Figure[];
  /** The record itself. */
  readonly record: string;
}

/** What an assessment found. */
export interface AssessmentCard {
  readonly figures: readonly Figure[];
  readonly data: DataCard | undefined;
  /** One line for each threat that the model does not withstand, or about which nothing was shown. */
  readonly limits: readonly string[];
  readonly seed: number | undefined;
  readonly replay: string | undefined;
}

/** What is known of the signature beside a model. */
export interface SignatureCard {
  /** Where it lies, beside the model. */
  readonly file?: string | undefined;
  readonly verdict: "verified" | "refused" | "not checked" | "bundled";
  readonly signer?: string | undefined;
  readonly method?: string | undefined;
  readonly identity?: string | undefined;
  /** Of the key or certificate, `sha256:<hex>`. */
  readonly fingerprint?: string | undefined;
  /** Root digest of what was signed. */
  readonly digest?: string | undefined;
}

export interface ModelCard {
  readonly name: string;
  readonly version?: string | undefined;
  /** `sha256:<hex>` of the file. */
  readonly digest: string;
  readonly sizeBytes?: number | undefined;
  /** Undefined for weights that are no graph. */
  readonly about: ModelAbout | undefined;
  readonly parameters?: number | undefined;
  /** In the words of whoever asked, before those of the graph. */
  readonly task?: string | undefined;
  readonly architecture?: string | undefined;
  readonly training?: TrainingCard | undefined;
  readonly assessments: readonly AssessmentCard[];
  readonly signature?: SignatureCard | undefined;
}
