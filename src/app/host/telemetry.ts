import type { Tracer } from "@opentelemetry/api";

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
  return { tracer: provider.getTracer("modelkeep", options.version), close: () => provider.shutdown() };
}
