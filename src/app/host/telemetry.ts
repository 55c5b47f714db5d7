import type { Tracer } from "@opentelemetry/api";
import type { Logger } from "../../base/log/index.ts";

export interface Telemetry {
  readonly tracer: Tracer;
  /** Sends what is left and stops. */
  close(): Promise<void>;
}

/** Traces over OTLP/HTTP, loaded only when the configuration names an endpoint. A caller's own sampling decision wins over `sampleRatio`. */
export async function createTelemetry(options: {
  readonly otlpUrl: string;
  readonly sampleRatio: number;
  readonly version: string;
  readonly log: Logger;
}): Promise<Telemetry> {
  const [
    { BasicTracerProvider, BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler },
    { OTLPTraceExporter },
    { resourceFromAttributes },
  ] = await Promise.all([
    import("@opentelemetry/sdk-trace-base"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "modelkeep", "service.version": options.version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.sampleRatio) }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: options.otlpUrl }))],
  });
  // Spans that nobody takes are lost. That is worth a line, and no reason to call an orderly end a failure.
  const close = (): Promise<void> =>
    provider.shutdown().catch((error: unknown) => options.log.warn("the last spans did not reach their receiver", { error }));
  return { tracer: provider.getTracer("modelkeep", options.version), close };
}
