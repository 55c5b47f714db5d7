import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { createSecureContext } from "node:tls";
import type { AddressInfo } from "node:net";
import { isModelkeepError, ModelkeepError } from "../../base/error/index.ts";
import type { EvidenceSink } from "../../base/evidence/index.ts";
import type { Logger, Meter } from "../../base/log/index.ts";
import { decide } from "./decide.ts";
import type {} from "./errors.ts";
import type { AdmitRules, VerifyDigest } from "./policy.ts";
import { recorded } from "./record.ts";
import { parseReview, reviewOf } from "./review.ts";
import type { AdmissionRequest, Decision } from "./review.ts";
import type { VerifiedDigest } from "./verifier.ts";
import { watchFiles } from "./watch.ts";

export interface AdmissionServerParts {
  readonly host: string;
  readonly port: number;
  /** PEM files; read again when they change. */
  readonly tls: { readonly cert: string; readonly key: string };
  readonly rules: AdmitRules;
  readonly verify: VerifyDigest;
  /** Where decisions are entered, durable before they are told. */
  readonly evidence?: EvidenceSink | undefined;
  readonly log: Logger;
  readonly meter: Meter & { scrape(): Promise<{ readonly text: string; readonly contentType: string }> };
  /** How often the certificate's files are looked at. */
  readonly reloadMs?: number;
}

export interface AdmissionServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** An API server takes objects of up to 3 MiB, and sends the old one beside the new. */
const maxBodyBytes = 8 << 20;
/** API servers wait ten seconds where they are not told otherwise, and thirty at most. */
const [defaultMs, marginMs, maxMs] = [10_000, 1_000, 29_000];
const maxWaiting = 128;

/**
 * The webhook over HTTPS. Every answer to a readable question is an AdmissionReview; what could not be decided in time is refused.
 * @throws `admit/bad-certificate`, NodeJS.ErrnoException when the address is taken
 */
export async function createAdmissionServer(parts: AdmissionServerParts): Promise<AdmissionServer> {
  const { tls, log, host, port, reloadMs = 10_000 } = parts;
  let waiting = 0;
  const server = createServer(
    { ...readPair(tls), minVersion: "TLSv1.2", requestTimeout: 15_000, headersTimeout: 10_000 },
    (request, response) => {
      if (waiting >= maxWaiting) {
        answer(response, 503, "text/plain", "too many reviews at once\n");
        return;
      }
      waiting++;
      void route(parts, request, response).finally(() => waiting--);
    },
  );
  server.maxConnections = 512;
  const files = watchFiles([tls.cert, tls.key], reloadMs, () => {
    try {
      server.setSecureContext({ ...readPair(tls), minVersion: "TLSv1.2" });
      log.info("the certificate was read again");
    } catch (error) {
      log.error("the new certificate cannot be used; the old one stays", { error: String(error) });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `https://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    port: bound,
    close() {
      files.close();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
    },
  };
}

function readPair({ cert, key }: AdmissionServerParts["tls"]): { cert: Buffer; key: Buffer } {
  try {
    const pair = { cert: readFileSync(cert), key: readFileSync(key) };
    createSecureContext(pair); // throws when they do not belong together
    return pair;
  } catch (cause) {
    throw new ModelkeepError("admit/bad-certificate", {
      message: "the certificate and key cannot be used",
      hint: "give PEM files that belong together: --tls-cert the chain, --tls-key its key",
      exit: 4,
      cause,
    });
  }
}

async function route(parts: AdmissionServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "https://webhook");
  try {
    if (request.method === "GET" && (url.pathname === "/healthz" || url.pathname === "/readyz"))
      answer(response, 200, "text/plain", "ok\n");
    else if (request.method === "GET" && url.pathname === "/metrics") {
      const { text, contentType } = await parts.meter.scrape();
      answer(response, 200, contentType, text);
    } else if (request.method === "POST" && url.pathname === "/validate") await review(parts, request, response, url);
    else answer(response, 404, "text/plain", "not found\n");
  } catch (error) {
    if (response.headersSent) response.destroy();
    else if (isModelkeepError(error)) answer(response, error.status, "text/plain", `${error.message}\n`);
    else {
      parts.log.error("a review failed", { error: String(error) });
      answer(response, 500, "text/plain", "internal error\n");
    }
  }
}

async function review(parts: AdmissionServerParts, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const started = performance.now();
  const asked = parseReview(await bodyOf(request));
  const waitMs = timeOf(url);
  const verified = new Map<string, VerifiedDigest>();
  const verify: VerifyDigest = async (reference) => {
    const answer = await parts.verify(reference);
    verified.set(reference, answer);
    return answer;
  };
  const decided = await inTime({ ...parts, verify }, asked, waitMs);
  const left = Math.max(marginMs / 2, waitMs - (performance.now() - started));
  const { evidence, log, rules } = parts;
  const decision = await recorded({ evidence, mode: rules.mode, log }, { asked, decision: decided, verified, waitMs: left });
  const outcome = decision.annotations["decision"] ?? "admitted";
  const { kind, namespace, name, operation } = asked;
  parts.meter.count("modelkeep_admit_reviews_total", { outcome, kind: knownKind(kind.kind) });
  parts.meter.observe("modelkeep_admit_review_seconds", (performance.now() - started) / 1000, {});
  if (outcome !== "admitted" && outcome !== "exempt")
    parts.log.warn("a workload does not meet the rules", {
      outcome,
      operation,
      kind: kind.kind,
      namespace,
      name,
      reasons: decision.annotations["reasons"],
    });
  answer(response, 200, "application/json", JSON.stringify(reviewOf(asked.uid, decision)));
}

/** Labels of metrics come from a short list, not from whoever names kinds. */
const knownKind = (kind: string): string =>
  /^(?:Pod|PodTemplate|ReplicationController|ReplicaSet|Deployment|StatefulSet|DaemonSet|Job|CronJob|InferenceService)$/.test(
    kind,
  )
    ? kind
    : "other";

/** The API server says how long it waits: `?timeout=10s`. */
function timeOf(url: URL): number {
  const seconds = /^(\d{1,3})s$/.exec(url.searchParams.get("timeout") ?? "")?.[1];
  return Math.max(500, Math.min(seconds === undefined ? defaultMs : Number(seconds) * 1000, maxMs) - marginMs);
}

async function inTime({ rules, verify, log }: AdmissionServerParts, asked: AdmissionRequest, waitMs: number): Promise<Decision> {
  let timer: NodeJS.Timeout | undefined;
  const refused = (why: string): Decision => ({
    allowed: rules.mode !== "enforce",
    reasons: [why],
    warnings: rules.mode === "warn" ? [why] : [],
    annotations: { decision: rules.mode === "enforce" ? "refused" : "would-refuse", reasons: why },
  });
  const late = new Promise<Decision>((resolve) => {
    timer = setTimeout(() => resolve(refused("what it names could not be verified in time")), waitMs);
  });
  try {
    return await Promise.race([decide(asked, rules, verify), late]);
  } catch (error) {
    log.error("a review failed", { error: String(error) });
    return refused("it could not be decided about");
  } finally {
    clearTimeout(timer);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes)
      throw new ModelkeepError("admit/malformed-review", {
        message: `the request has more than ${maxBodyBytes} bytes`,
        hint: "an API server takes objects of up to 3 MiB",
        status: 413,
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body);
}
