/** Operational logging and metrics as ports: rooms speak to these, `host` plugs in pino and Prometheus. Evidence is another matter: see `base/evidence`. */

/** Structured lines. Fields hold no secrets; strings from clients go in as fields, never into the message. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export type Labels = Readonly<Record<string, string>>;

/** Counters, distributions and live values. Names follow Prometheus: `modelkeep_<room>_<what>_<unit>`; each name keeps one set of label keys. */
export interface Meter {
  /** Adds to a counter. */
  count(name: string, labels?: Labels, by?: number): void;
  /** Records one observation of a distribution, in the base unit of its name (seconds, bytes). */
  observe(name: string, value: number, labels?: Labels): void;
  /** Reads a value when it is scraped; the returned function stops that. */
  gauge(name: string, read: () => number, labels?: Labels): () => void;
}

export const silentMeter: Meter = { count() {}, observe() {}, gauge: () => () => {} };
