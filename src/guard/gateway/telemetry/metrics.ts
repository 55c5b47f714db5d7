import type { Labels, Meter } from "../../../base/log/index.ts";

/** What the gateway counts. Labels are model names that exist, actions and error codes: nothing that a client can make up. */
export interface Metrics {
  /** A request is over. `outcome` is `done` or an error code. */
  finished(what: { readonly action: string; readonly model: string; readonly outcome: string }, seconds: number): void;
  /** An inference was answered. */
  inferred(model: string, run: { readonly queueMs: number; readonly modelMs: number }, size: InferenceSize): void;
}

export interface InferenceSize {
  readonly requestBytes: number;
  readonly answerBytes: number;
  readonly rows: number;
}

export function createMetrics(meter: Meter): Metrics {
  // Label objects are kept: one is made per combination, not per request.
  const outcomes = new Map<string, Labels>();
  const models = new Map<string, Labels>();

  const outcomeLabels = (action: string, model: string, outcome: string): Labels => {
    const key = `${action} ${model} ${outcome}`;
    let labels = outcomes.get(key);
    if (labels === undefined) outcomes.set(key, (labels = { action, model, outcome }));
    return labels;
  };
  const modelLabels = (model: string): Labels => {
    let labels = models.get(model);
    if (labels === undefined) models.set(model, (labels = { model }));
    return labels;
  };

  return {
    finished({ action, model, outcome }, seconds) {
      meter.count("modelkeep_gateway_requests_total", outcomeLabels(action, model, outcome));
      meter.observe("modelkeep_gateway_request_seconds", seconds, modelLabels(model));
    },
    inferred(model, { queueMs, modelMs }, { requestBytes, answerBytes, rows }) {
      const labels = modelLabels(model);
      meter.observe("modelkeep_gateway_queue_seconds", queueMs / 1000, labels);
      meter.observe("modelkeep_gateway_model_seconds", modelMs / 1000, labels);
      meter.count("modelkeep_gateway_request_bytes_total", labels, requestBytes);
      meter.count("modelkeep_gateway_answer_bytes_total", labels, answerBytes);
      meter.count("modelkeep_gateway_rows_total", labels, rows);
    },
  };
}
