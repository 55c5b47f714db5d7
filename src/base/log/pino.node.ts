import { pino } from "pino";
import type { DestinationStream } from "pino";
import type { Logger } from "./log.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Where lines go; standard error by default, because standard output carries data. */
  readonly destination?: DestinationStream;
}

// Field names under which a secret could arrive by mistake, at the top or one level down.
const secretFields = ["authorization", "cookie", "key", "secret", "password", "token", "privateKey"];

/** Structured lines (JSON) by pino. Fields that could hold a secret are replaced, and an error keeps code, message and stack but no fields of its own. */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  const target = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: "[redacted]" },
      serializers: { error: describeError },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
  return {
    debug: (message, fields) => target.debug(fields ?? {}, message),
    info: (message, fields) => target.info(fields ?? {}, message),
    warn: (message, fields) => target.warn(fields ?? {}, message),
    error: (message, fields) => target.error(fields ?? {}, message),
  };
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { code, message, stack, cause } = error as Error & { code?: unknown };
  return {
    ...(code === undefined ? {} : { code }),
    message,
    stack,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}
