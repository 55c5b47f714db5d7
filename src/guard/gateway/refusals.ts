import { ModelkeepError, quote, type ErrorCode } from "../../base/error/index.ts";
import type {} from "./errors.ts";
import type { ServedModel } from "./models/models.ts";
import type { Authentication, Caller, Decision, Refusal as AccessRefusal } from "../access/index.ts";
import type { Irregularity, Refusal, Verdict } from "../firewall/index.ts";
import type { ModelRunner } from "../../model/runtime/index.ts";
import type { AuditLog } from "../audit/index.ts";

/** Turns the firewall's no into an answer. */
export function pass(verdict: Verdict): void {
  if (!verdict.ok) throw refusedBy(verdict);
}

export function refusedBy(verdict: Refusal): ModelkeepError {
  const { code, reason, retryAfterSeconds } = verdict;
  const comesLater = code === "firewall/limited" || code === "firewall/too-many-connections";
  return new ModelkeepError(code, {
    message: reason,
    hint: comesLater ? "wait as long as Retry-After says, then send more slowly" : "ask the operator of this service",
    status: comesLater ? 429 : 403,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

/** What a client may learn about its credential: enough to mend it, nothing that helps to guess one. */
const credentialTexts: Record<AccessRefusal["code"], readonly [message: string, hint: string]> = {
  "access/no-credential": ["this request needs a credential", "send `Authorization: Bearer <key>`"],
  "access/bad-credential": ["the credential is not valid", "check that the whole key was sent; it may also have been revoked"],
  "access/expired-credential": ["the credential has expired", "ask for a new key"],
  "access/foreign-network": ["the credential is not valid from this address", "use it from a network it was made for"],
};

/** The caller behind a good credential. */
export function callerOf(authentication: Authentication): Caller {
  if (authentication.ok) return authentication.caller;
  const [message, hint] = credentialTexts[authentication.code];
  throw new ModelkeepError(authentication.code, { message, hint, status: 401 });
}

/**
 * INVARIANT: an unknown model, an unknown version and one that the caller may not use give the same answer, so that names cannot be
 * found by trying.
 */
export function unknownModel(): ModelkeepError {
  return new ModelkeepError("gateway/unknown-model", {
    message: "there is no such model, or you may not use it",
    hint: "GET /v2/models lists the models that this credential may use",
    status: 404,
  });
}

/** The model, if policy allows it and it exists. */
export function allowed(decision: Decision, model: ServedModel | undefined): ServedModel {
  if (!decision.allowed || model === undefined) throw unknownModel();
  return model;
}

export function unknownRoute(): ModelkeepError {
  return new ModelkeepError("gateway/unknown-route", {
    message: "there is no such path",
    hint: "GET /openapi.json lists the paths",
    status: 404,
  });
}

export function wrongMethod(method: string, methods: readonly string[]): ModelkeepError {
  return new ModelkeepError("gateway/method-not-allowed", {
    message: `this path does not take ${quote(method)}`,
    hint: `use ${methods.join(" or ")}`,
    status: 405,
  });
}

export function forbidden(): ModelkeepError {
  return new ModelkeepError("gateway/forbidden", {
    message: "this credential does not allow that",
    hint: "ask the operator for a role that does",
    status: 403,
  });
}

/** Refuses now what would still be waiting when its time is over: a queue that grows beyond that helps nobody. */
export function inTime(runner: ModelRunner, leftMs: number, rows?: number): void {
  const waitMs = runner.expectedWaitMs(rows);
  // A model without a live worker says it will take for ever; its runner knows why and has more to say.
  if (waitMs > leftMs && waitMs !== Infinity) throw tooBusy(waitMs - leftMs);
}

function tooBusy(waitMs: number): ModelkeepError {
  return new ModelkeepError("gateway/too-busy", {
    message: "the model's queue is longer than this request can wait",
    hint: "send it again after Retry-After, or allow a longer timeout",
    status: 503,
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
  });
}

export function clientGone(): ModelkeepError {
  return new ModelkeepError("gateway/client-gone", { message: "the client hung up", status: 499 });
}

/** INVARIANT: what cannot be entered in the log is not answered. Asked early, so that nothing is computed in vain. */
export function accepting(audit: Pick<AuditLog, "accepting">): void {
  const state = audit.accepting();
  if (!state.ok) throw logUnavailable(state.reason);
}

function logUnavailable(cause: unknown): ModelkeepError {
  return new ModelkeepError("gateway/log-unavailable", {
    message: "nothing is answered while the audit log takes no entries",
    hint: "send it again later; the operator finds the cause in the server's log",
    status: 503,
    retryAfterSeconds: 5,
    cause,
  });
}

const irregularities: Partial<Record<ErrorCode, Irregularity>> = {
  "access/bad-credential": "bad-credential",
  "access/expired-credential": "bad-credential",
  "access/foreign-network": "bad-credential",
  "gateway/unknown-model": "forbidden",
  "gateway/forbidden": "forbidden",
  "gateway/malformed-request": "protocol-abuse",
  "gateway/ambiguous-request": "protocol-abuse",
  "gateway/head-too-large": "protocol-abuse",
  "gateway/bad-header": "protocol-abuse",
  "gateway/incomplete-body": "protocol-abuse",
  "gateway/too-slow": "protocol-abuse",
  "gateway/bad-json": "shape-probe",
  "gateway/bad-request": "shape-probe",
  "gateway/duplicate-name": "shape-probe",
  "gateway/bad-datatype": "shape-probe",
  "gateway/bad-shape": "shape-probe",
  "gateway/bad-value": "shape-probe",
  "gateway/wrong-size": "shape-probe",
  "gateway/tensor-too-large": "shape-probe",
  "gateway/unsupported-extension": "shape-probe",
  "gateway/missing-input": "shape-probe",
  "gateway/unknown-input": "shape-probe",
  "gateway/unknown-output": "shape-probe",
  "gateway/wrong-datatype": "shape-probe",
  "gateway/wrong-shape": "shape-probe",
  "gateway/too-many-rows": "shape-probe",
  "gateway/not-finite": "shape-probe",
  "gateway/out-of-range": "shape-probe",
};

/** What the firewall should know about a refusal; undefined for what is no fault of the client's. */
export function irregularityOf(error: ModelkeepError): Irregularity | undefined {
  return irregularities[error.code];
}
