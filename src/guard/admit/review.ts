/** AdmissionReview of admission.k8s.io/v1 (kubernetes.io, "Dynamic Admission Control"): what the API server asks, and what it is told. */

import { ModelkeepError } from "../../base/error/index.ts";
import { z } from "zod";
import type {} from "./errors.ts";

const requestSchema = z.object({
  uid: z.string().min(1).max(128),
  kind: z.object({ group: z.string().default(""), version: z.string().default(""), kind: z.string().min(1).max(253) }),
  resource: z.object({ resource: z.string().default("") }).nullish(),
  subResource: z.string().max(63).nullish(),
  namespace: z.string().max(253).nullish(),
  name: z.string().max(253).nullish(),
  operation: z.enum(["CREATE", "UPDATE", "DELETE", "CONNECT"]),
  object: z.unknown().optional(),
  oldObject: z.unknown().optional(),
  dryRun: z.boolean().nullish(),
  userInfo: z.object({ username: z.string().max(4096).optional() }).nullish(),
});

const reviewSchema = z.object({
  apiVersion: z.literal("admission.k8s.io/v1"),
  kind: z.literal("AdmissionReview"),
  request: requestSchema,
});

export type AdmissionRequest = z.output<typeof requestSchema>;

/** @throws `admit/malformed-review` */
export function parseReview(bytes: Uint8Array): AdmissionRequest {
  try {
    return reviewSchema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))).request;
  } catch (cause) {
    throw new ModelkeepError("admit/malformed-review", {
      message: "the request is no AdmissionReview of admission.k8s.io/v1",
      hint: "this door is for the Kubernetes API server: set admissionReviewVersions to [v1]",
      status: 400,
      cause,
    });
  }
}

/** What is decided about one object. */
export interface Decision {
  readonly allowed: boolean;
  /** One line each, the gravest first; shown to whoever applied the object. */
  readonly reasons: readonly string[];
  readonly warnings: readonly string[];
  /** For the cluster's audit log; the API server puts the webhook's name in front of each key. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** API servers cut what is longer, and show 4,096 characters of warnings in all. */
const maxMessage = 8_000;
const maxWarning = 250;
const maxWarnings = 12;

/** The answer's document. */
export function reviewOf(uid: string, { allowed, reasons, warnings, annotations }: Decision): object {
  const message = reasons.join("; ").slice(0, maxMessage);
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: {
      uid,
      allowed,
      ...(allowed ? {} : { status: { code: 403, reason: "Forbidden", message: `modelkeep: ${message}` } }),
      ...(warnings.length === 0
        ? {}
        : { warnings: warnings.slice(0, maxWarnings).map((text) => `modelkeep: ${text}`.slice(0, maxWarning)) }),
      ...(Object.keys(annotations).length === 0 ? {} : { auditAnnotations: annotations }),
    },
  };
}
