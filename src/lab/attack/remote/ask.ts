/** Questions over HTTP that heed what the server says of its limits. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

/** How to reach a server, and how patient to be. */
export interface AskPort {
  readonly fetch: typeof fetch;
  /** Resolves after so many milliseconds, or rejects when the signal says so. */
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly headers: Readonly<Record<string, string>>;
  /** The longest single wait that is obeyed. */
  readonly maxWaitMs: number;
  /** How often one question is put at most. */
  readonly attempts: number;
}

/**
 * Puts a question until it is answered. `Retry-After` is obeyed (RFC 9110, section 10.2.3), without it waits double.
 * @throws attack/input-refused when it does not take this input (422, RFC 9110, section 15.5.21) · attack/refused when the server shuts us out or asks for more patience than we have · attack/unreachable
 */
export async function askServer(
  port: AskPort,
  url: string,
  init: Omit<RequestInit, "signal"> & { readonly signal?: AbortSignal | undefined },
): Promise<Response> {
  let last = "";
  for (let attempt = 0; attempt < port.attempts; attempt++) {
    let answer: Response;
    try {
      answer = await port.fetch(url, {
        ...init,
        signal: init.signal ?? null,
        redirect: "error",
        headers: { ...port.headers, ...(init.headers as Record<string, string>) },
      });
    } catch (error) {
      if (init.signal?.aborted === true) throw cancelled();
      last = error instanceof Error ? error.message : String(error);
      await port.sleep(Math.min(250 * 2 ** attempt, port.maxWaitMs), init.signal);
      continue;
    }
    if (answer.ok) return answer;
    last = `${answer.status} ${await reason(answer)}`;
    if (answer.status === 422) throw inputRefused(last);
    if (![429, 502, 503, 504].includes(answer.status)) throw shutOut(url, last, answer.status);
    const wait = retryAfterMs(answer) ?? 500 * 2 ** attempt;
    if (wait > port.maxWaitMs) throw refused(`the server asks us to wait ${Math.ceil(wait / 1000)} s: ${last}`);
    await port.sleep(wait, init.signal);
  }
  if (/^(429|503)/.test(last)) throw refused(`the server still refuses after ${port.attempts} attempts: ${last}`);
  throw new ModelkeepError("attack/unreachable", {
    message: `${quote(url)} did not answer: ${last}`,
    hint: "check the address and that the server runs",
    status: 502,
  });
}

/** Seconds or a date. */
function retryAfterMs(answer: Response): number | undefined {
  const given = answer.headers.get("retry-after");
  if (given === null) return undefined;
  const ms = /^\d+$/.test(given) ? Number(given) * 1000 : Date.parse(given) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** The first line of what it says, short: it is a stranger's text. */
const reason = async (answer: Response): Promise<string> => quote((await answer.text()).slice(0, 200).replaceAll(/\s+/g, " "));

const refused = (message: string): ModelkeepError =>
  new ModelkeepError("attack/refused", {
    message,
    hint: "what was learnt until then is in the result; go on later from its state",
    status: 502,
  });

const inputRefused = (last: string): ModelkeepError =>
  new ModelkeepError("attack/input-refused", {
    message: `the server refuses this input: ${last}`,
    hint: "its detector may have flagged it; other inputs may be answered",
    status: 502,
  });

const shutOut = (url: string, last: string, status: number): ModelkeepError => {
  if (status === 401 || status === 403) return refused(`the server shuts us out: ${last}`);
  return new ModelkeepError("attack/unreachable", {
    message: `${quote(url)} answered ${last}`,
    hint: "give the address of a model, such as https://host/v2/models/digits",
    status: 502,
  });
};

const cancelled = (): ModelkeepError =>
  new ModelkeepError("runtime/cancelled", { message: "the run was cancelled", hint: "start it again" });
