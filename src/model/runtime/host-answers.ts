/** Reads what a host says, which may be hostile: see `frame.ts` for the bytes, here for the meaning. */
import { escapeText, ModelkeepError } from "../../base/error/index.ts";
import type {} from "./errors.ts";
import type { FailedText } from "./serve-frames.ts";
import type { SessionInfo, ValueInfo } from "./session.ts";

/** An error that a host sent. INVARIANT: only codes of this room, a text of bounded length; the host may be hostile. */
export function failure(text: string): ModelkeepError {
  const { code, message, hint, status } = parseObject(text) as Partial<FailedText>;
  const known = typeof code === "string" && /^(runtime\/[a-z-]+|internal\/unexpected)$/.test(code);
  if (!known || typeof message !== "string") return unasked();
  return new ModelkeepError(code, {
    message: escapeText(message, 600),
    hint: typeof hint === "string" ? escapeText(hint, 300) : undefined,
    status: typeof status === "number" && status >= 400 && status <= 599 ? status : 500,
  });
}

/** Session info as a host sent it, or undefined when it is not one. */
export function parseInfo(text: string): SessionInfo | undefined {
  const { inputs, outputs, provider, absent } = parseObject(text) as Partial<SessionInfo>;
  const values = (list: unknown): boolean => Array.isArray(list) && list.every(isValueInfo);
  if (!values(inputs) || !values(outputs) || typeof provider !== "string" || !Array.isArray(absent)) return undefined;
  return { inputs: inputs!, outputs: outputs!, provider, absent: absent.filter((name) => typeof name === "string") };
}

function isValueInfo(value: unknown): value is ValueInfo {
  const { name, type, dims } = (value ?? {}) as Partial<ValueInfo>;
  const isDim = (dim: unknown): boolean => dim === null || typeof dim === "number" || typeof dim === "string";
  return typeof name === "string" && typeof type === "string" && Array.isArray(dims) && dims.every(isDim);
}

function parseObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** The answer to no question, or not an answer to this one. */
export const unasked = (): ModelkeepError =>
  new ModelkeepError("runtime/bad-frame", {
    message: "a worker answered what it was not asked",
    hint: "it is stopped and replaced; if this repeats without a hostile model, report it",
    status: 503,
    retryAfterSeconds: 1,
  });
