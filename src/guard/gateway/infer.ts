import { toHex } from "../../base/crypto/index.ts";
import { createBodyBudget } from "./body-budget.ts";
import type { GatewayParts } from "./face.ts";
import type { Answer } from "./http/answer.ts";
import { receiveBody } from "./http/body.ts";
import type { Exchange } from "./http/exchange.ts";
import type { Pace } from "./http/pace.ts";
import type { LeavingFor } from "./leaving.ts";
import type { ServedModel } from "./models/models.ts";
import { decodeInfer, type InferRequest } from "./protocol/decode.ts";
import { encodeInfer, type EncodedResponse } from "./protocol/encode.ts";
import type { Prepared } from "./preprocess/preprocess.ts";
import { planBody } from "./protocol/plan-body.ts";
import { checkAgainstContract, type CheckedRequest } from "./read/check-contract.ts";
import type { GuardedContract } from "./read/guarded-contract.ts";
import type { Salts } from "./record/commitment.ts";
import { answeredEntry } from "./record/entries.ts";
import { accepting, allowed, callerOf, inTime, pass } from "./refusals.ts";
import type { ReleasePlan } from "./release/plan.ts";
import type { Tensor } from "../../model/onnx/index.ts";
import type { RunResult } from "../../model/runtime/index.ts";
import { detectorOutput, suspicionOf, suspicious } from "./suspicion.ts";
import { targetOf } from "./target.ts";
import type { Metrics } from "./telemetry/metrics.ts";

export interface InferTools {
  readonly pace: Pace;
  readonly salts: Salts;
  readonly leavingFor: LeavingFor;
  readonly metrics: Metrics;
}

/** `POST /v2/models/{name}[/versions/{version}]/infer`: the walk of a request, cheapest refusal first. Every step that says no throws. */
export function createInfer(parts: GatewayParts, { pace, salts, leavingFor, metrics }: InferTools) {
  const { access, firewall, audit, models, config, clock } = parts;
  const budget = createBodyBudget({ totalBytes: config.maxInFlightBytes, largestBytes: config.maxBodyBytes });

  return async function infer(exchange: Exchange): Promise<Answer> {
    exchange.action = "infer";
    pass(firewall.admit(exchange.address));
    const caller = (exchange.caller = callerOf(await access.authenticate(exchange.authorization, exchange.address)));
    accepting(audit);
    const upFront = { requests: 1, bytes: Math.min(exchange.declaredBytes, config.maxBodyBytes) };
    pass(firewall.charge(exchange.who, upFront));
    const { resource, found } = targetOf(exchange, models);
    exchange.resource = resource;
    exchange.decision = access.authorize(caller, "infer", resource, exchange);
    const model = exchange.hold(allowed(exchange.decision, found));
    const { contract, plan } = leavingFor(model, caller);

    const asked = await read(exchange, model, contract); // only now the body
    // The model's own limits are charged for the whole request only now: before, it was not known to be the caller's to spend.
    pass(firewall.charge(exchange.who, { rows: asked.rows }, upFront));
    const fed = await feed(exchange, model, asked); // what the model takes; `asked` stays what was asked
    const run = await runModel(exchange, model, { ...asked, inputs: fed.inputs }, plan);
    firewall.settle(exchange.who, { modelMs: run.modelMs + fed.ms });
    exchange.suspicion = suspicionOf(model.contract, run);
    if (exchange.suspicion !== undefined) throw suspicious();
    const released = release(plan, run, asked);
    const { headers, body } = encode(model, asked, released);

    const salt = salts(exchange.id);
    const entry = answeredEntry(exchange, { model, asked, fed, run, released, salt, nowMs: clock.monotonic() });
    const { index } = await exchange.span.step("audit", () => audit.append(entry)); // INVARIANT: durable before the answer leaves
    metrics.inferred(model.name, run, { rows: asked.rows, requestBytes: exchange.declaredBytes, answerBytes: body.length });
    return { headers: { ...headers, "x-modelkeep-entry": String(index), "x-modelkeep-salt": toHex(salt) }, body };
  };

  async function read(exchange: Exchange, model: ServedModel, contract: GuardedContract): Promise<Asked> {
    inTime(model.runner, config.deadlineMs); // before the body: a full queue is no reason to read one
    const plan = planBody(exchange.request.headers, config);
    exchange.atEnd(budget.take(exchange.caller!.principal, plan.bodyBytes));
    const body = await exchange.span.step("read", () => receiveBody(exchange, plan, pace));
    const request = decodeInfer(body, plan, config);
    const checked = checkAgainstContract(request, contract);
    return { ...checked, id: request.id, deadlineMs: exchange.startMs + timeoutMs(request, config) };
  }

  async function feed(exchange: Exchange, { preprocess }: ServedModel, { inputs, deadlineMs }: Asked): Promise<Prepared> {
    if (preprocess === undefined) return { inputs, ms: 0, detail: null };
    const { who } = exchange;
    const spent = (ms: number): void => firewall.settle(who, { modelMs: ms }, "given-up");
    return exchange.span.step("preprocess", () => preprocess.prepare(inputs, deadlineMs - clock.monotonic(), spent));
  }

  async function runModel(exchange: Exchange, model: ServedModel, asked: Asked, plan: ReleasePlan): Promise<RunResult> {
    const { runner, batchBy } = model;
    const { inputs, outputs, rows, deadlineMs } = asked;
    const { who } = exchange;
    inTime(runner, deadlineMs - clock.monotonic(), rows);
    const options = {
      outputs: [...plan.modelOutputs(outputs.map(({ name }) => name)), ...detectorOutput(model.contract)],
      deadlineMs,
      signal: exchange.gone,
      batchKey: batchBy === "principal" ? exchange.caller!.principal : "",
      // Hanging up or a tiny deadline makes no run free: what a client has set going is its own, also when it gets no answer.
      spent: (modelMs: number) => firewall.settle(who, { modelMs }, "given-up"),
    };
    return exchange.span.step("run", () => runner.run(inputs, options));
  }

  function encode(model: ServedModel, { id, outputs }: Asked, released: Tensors): EncodedResponse {
    const encoded = outputs.map(({ name, binary }) => ({ name, binary, tensor: released[name]! }));
    return encodeInfer({ modelName: model.name, modelVersion: model.version, id, outputs: encoded }, config);
  }
}

type Tensors = Readonly<Record<string, Tensor>>;

interface Asked extends CheckedRequest {
  readonly id: string | undefined;
  /** Monotonic milliseconds. */
  readonly deadlineMs: number;
}

/** What leaves: the outputs that were asked for, as the rules let them out. */
function release(plan: ReleasePlan, run: RunResult, { outputs }: Asked): Tensors {
  const all = plan.apply(run.outputs);
  return Object.fromEntries(outputs.map(({ name }) => [name, all[name]!]));
}

/** The request's own wish, in microseconds as Triton has it, within what the operator allows. */
function timeoutMs(
  { parameters }: InferRequest,
  config: { readonly deadlineMs: number; readonly maxDeadlineMs: number },
): number {
  const wish = Number(parameters.get("timeout") ?? 0);
  return wish > 0 ? Math.min(wish / 1000, config.maxDeadlineMs) : config.deadlineMs;
}
