import { pino } from "pino";
import type { DestinationStream } from "pino";
import { escapeText } from "../error/index.ts";
import type { Logger } from "./log.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `json` for machines (the default), `text` for a person at a terminal. */
  readonly format?: "json" | "text";
  /** Where lines go; standard error by default, because standard output carries data. */
  readonly destination?: DestinationStream;
}

// Field names under which a secret could arrive by mistake, at the top or one level down.
const secretFields = ["authorization", "cookie", "key", "secret", "password", "token", "privateKey"];

/** Structured lines (JSON) by pino. Fields that could hold a secret are replaced, and an error keeps code, message and stack but no fields of its own. */
export function createLogger({ level, format = "json", destination }: LoggerOptions): Logger {
  const sink = destination ?? pino.destination({ dest: 2, sync: true });
  const target = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: "[redacted]" },
      serializers: { error: describeError, cause: describeError }, // an Error has no fields that JSON would show
    },
    format === "json" ? sink : { write: (line) => void sink.write(asText(line)) },
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

/** `12:30:05 warn model refused path=… code=…`: one line, whatever the fields hold. */
function asText(line: string): string {
  const { level, time, message, ...fields } = JSON.parse(line) as { level: string; time: string; message: string } & Record<
    string,
    unknown
  >;
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return `${time.slice(11, 19)} ${level} ${escapeText([message, ...rest].join(" "), 2000)}\n`;
}
