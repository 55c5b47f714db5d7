import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Labels, Meter } from "./log.ts";

export interface PrometheusMeter extends Meter {
  /** The exposition text, version 0.0.4, and its content type. */
  scrape(): Promise<{ readonly text: string; readonly contentType: string }>;
}

// Seconds: from half a millisecond, where a small model answers, to half a minute, where everything has timed out.
const secondsBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const bytesBuckets = [256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];
const countBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];

/** Metrics in a registry of their own; a name's label keys are fixed by its first use. */
export function createPrometheusMeter(): PrometheusMeter {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const gauges = new Map<string, Map<string, { labels: Labels; read: () => number }>>();

  function counter(name: string, labels: Labels): Counter {
    const made = new Counter({ name, help: helpOf(name), labelNames: Object.keys(labels), registers: [registry] });
    counters.set(name, made);
    return made;
  }

  function histogram(name: string, labels: Labels): Histogram {
    const buckets = name.endsWith("_seconds") ? secondsBuckets : name.endsWith("_bytes") ? bytesBuckets : countBuckets;
    const made = new Histogram({ name, help: helpOf(name), labelNames: Object.keys(labels), buckets, registers: [registry] });
    histograms.set(name, made);
    return made;
  }

  return {
    count: (name, labels = {}, by = 1) => (counters.get(name) ?? counter(name, labels)).inc(labels, by),
    observe: (name, value, labels = {}) => (histograms.get(name) ?? histogram(name, labels)).observe(labels, value),
    gauge(name, read, labels = {}) {
      const readers = gauges.get(name) ?? new Map<string, { labels: Labels; read: () => number }>();
      const key = JSON.stringify(labels);
      readers.set(key, { labels, read });
      if (!gauges.has(name)) {
        gauges.set(name, readers);
        // oxlint-disable-next-line no-new
        new Gauge({
          name,
          help: helpOf(name),
          labelNames: Object.keys(labels),
          registers: [registry],
          collect() {
            this.reset();
            for (const reader of readers.values()) this.set(reader.labels, reader.read());
          },
        });
      }
      // A newer reader of the same series (a model replaced while it served) is not ours to stop.
      return () => {
        if (readers.get(key)?.read === read) readers.delete(key);
      };
    },
    scrape: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}

function helpOf(name: string): string {
  return name.replace(/^modelkeep_/, "").replaceAll("_", " ");
}
