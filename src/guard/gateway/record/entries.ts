import { escapeText, type ModelkeepError } from "../../../base/error/index.ts";
import type { Actor, Evidence, Json, Outcome, Subject } from "../../../base/evidence/index.ts";
import { commitTensors } from "./commitment.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Prepared } from "../preprocess/preprocess.ts";
import type { ServedModel } from "../models/models.ts";
import type { Tensor } from "../../../model/onnx/index.ts";
import type { RunResult } from "../../../model/runtime/index.ts";

/** An inference that is about to be answered. */
export interface Answered {
  readonly model: ServedModel;
  readonly asked: { readonly rows: number; readonly inputs: Tensors; readonly deadlineMs: number };
  /** What the inputs were turned into for the model; the log is about what was asked. */
  readonly fed: Prepared;
  readonly run: RunResult;
  /** What leaves: commitments are about these, not about what the model said. */
  readonly released: Tensors;
  readonly salt: Uint8Array;
  /** Monotonic milliseconds, now. */
  readonly nowMs: number;
}

type Tensors = Readonly<Record<string, Tensor>>;

/** The entry of an answered inference: everything an auditor asks for, and of the tensors nothing but their form. */
export function answeredEntry(exchange: Exchange, { model, asked, fed, run, released, salt, nowMs }: Answered): Evidence {
  const { startMs, declaredBytes } = exchange;
  return {
    kind: "inference.answered",
    outcome: "done",
    actor: actorOf(exchange),
    action: "infer",
    subject: { type: "model", id: model.name, version: model.version, digest: model.digest },
    requestId: exchange.id,
    detail: {
      inputs: formOf(asked.inputs),
      outputs: formOf(released),
      commitments: { inputs: commitTensors(salt, "inputs", asked.inputs), outputs: commitTensors(salt, "outputs", released) },
      ...(fed.detail !== null && { preprocess: fed.detail }),
      ...decisionOf(exchange),
      cost: { requests: 1, bytes: declaredBytes, rows: asked.rows, modelMs: round(run.modelMs + fed.ms) },
      limits: { maxBatch: model.contract.maxBatch, deadlineMs: Math.round(asked.deadlineMs - startMs) },
      latencyMs: { queue: round(run.queueMs), model: round(run.modelMs), total: round(nowMs - startMs) },
      batchRows: run.batchRows,
      ...claimsOf(exchange),
    },
  };
}

/** The entry of an answered question about models or the server. */
export function readEntry(exchange: Exchange): Evidence {
  return {
    kind: "metadata.answered",
    outcome: "done",
    actor: actorOf(exchange),
    ...aboutOf(exchange),
    requestId: exchange.id,
    detail: { ...decisionOf(exchange), ...claimsOf(exchange) },
  };
}

/** The entry of a request that got no answer. What the client wrote stands in it escaped and cut. */
export function refusedEntry(exchange: Exchange, error: ModelkeepError): Evidence {
  return {
    kind: "request.refused",
    outcome: outcomeOf(error),
    actor: actorOf(exchange),
    ...aboutOf(exchange),
    code: error.code,
    requestId: exchange.id,
    detail: {
      status: error.status,
      reason: escapeText(error.message),
      method: exchange.request.method,
      path: escapeText(exchange.request.raw.url ?? "", 160),
      ...decisionOf(exchange),
      ...(exchange.suspicion !== undefined && { suspicion: { ...exchange.suspicion } }),
      ...claimsOf(exchange),
    },
  };
}

/** The entry of something that never became a request: a connection refused, or bytes that are not HTTP. */
export function strayEntry(error: ModelkeepError, address: string, requestId: string): Evidence {
  const { code, status, message } = error;
  return {
    kind: "connection.refused",
    outcome: outcomeOf(error),
    actor: { address },
    code,
    requestId,
    detail: { status, reason: escapeText(message) },
  };
}

function outcomeOf({ status, code }: ModelkeepError): Outcome {
  if (status === 429 || code === "gateway/too-busy") return "limited";
  return status >= 500 || status === 499 || status === 408 ? "failed" : "denied";
}

export function actorOf({ address, caller }: Exchange): Actor {
  return caller === undefined ? { address } : { principal: caller.principal, credential: caller.credential, address };
}

/** Action and subject, as far as the request got. */
function aboutOf({ action, resource, model }: Exchange): { action?: string; subject?: Subject } {
  if (action === undefined || resource === undefined) return {};
  if (model !== undefined)
    return { action, subject: { type: "model", id: model.name, version: model.version, digest: model.digest } };
  if (resource.type === "service") return { action, subject: { type: "service", id: "gateway" } };
  const { name, version } = resource;
  return {
    action,
    subject: { type: "model", id: escapeText(name, 64), ...(version !== undefined && { version: escapeText(version, 64) }) },
  };
}

function decisionOf({ decision }: Exchange): Record<string, Json> {
  return decision === undefined ? {} : { decision: { policies: decision.policies, digest: decision.digest } };
}

/** What the client says about itself: recorded, never trusted. */
function claimsOf({ request }: Exchange): Record<string, Json> {
  const id = request.headers["x-request-id"];
  const agent = request.headers["user-agent"];
  return {
    ...(id !== undefined && { clientRequestId: escapeText(String(id), 128) }),
    ...(agent !== undefined && { userAgent: escapeText(agent, 128) }),
  };
}

function formOf(tensors: Tensors): Json {
  return Object.entries(tensors).map(([name, { type, dims }]) => ({ name: escapeText(name, 128), type, shape: dims }));
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
