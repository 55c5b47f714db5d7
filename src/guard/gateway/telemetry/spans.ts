import {
  isValidSpanId,
  isValidTraceId,
  ROOT_CONTEXT,
  type Context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type { FastifyRequest } from "fastify";

/** The span of one request. Without a tracer every call does nothing. */
export interface RequestSpan {
  /** Times one step of the walk. */
  step<T>(name: string, act: () => Promise<T>): Promise<T>;
  /** Names, digests and counts; never a value out of a tensor, never a credential. */
  set(attributes: Readonly<Record<string, string | number>>): void;
  /** `outcome` is `done` or an error code. */
  end(status: number, outcome: string): void;
}

const nothing: RequestSpan = { step: (_, act) => act(), set() {}, end() {} };

export type StartSpan = (request: FastifyRequest) => RequestSpan;

export function createSpans(tracer: Tracer | undefined): StartSpan {
  if (tracer === undefined) return () => nothing;
  return ({ method, routeOptions, raw }) => {
    const parent = parentOf(raw.headers["traceparent"]);
    // The route's pattern, not its path: names of models are for attributes, once they are known to exist.
    const span = tracer.startSpan(`${method} ${routeOptions.url ?? "unknown"}`, { kind: SpanKind.SERVER }, parent);
    return spanOf(tracer, span, trace.setSpan(parent, span));
  };
}

function spanOf(tracer: Tracer, span: Span, context: Context): RequestSpan {
  return {
    async step(name, act) {
      const child = tracer.startSpan(name, {}, context);
      try {
        return await act();
      } catch (error) {
        child.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        child.end();
      }
    },
    set: (attributes) => void span.setAttributes(attributes),
    end(status, outcome) {
      span.setAttribute("http.response.status_code", status);
      if (outcome !== "done") span.setAttribute("error.type", outcome);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/** W3C Trace Context §3.2. What does not parse is as good as absent (§4.3); a client's sampling wish is passed on to the tracer's sampler. */
const traceparentForm = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

function parentOf(traceparent: string | string[] | undefined): Context {
  const [, traceId = "", spanId = "", flags = "00"] = traceparentForm.exec(String(traceparent ?? "")) ?? [];
  if (!isValidTraceId(traceId) || !isValidSpanId(spanId)) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true });
}
