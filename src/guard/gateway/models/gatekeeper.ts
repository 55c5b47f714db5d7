/**
 * Who comes in. Each file is read once; sealed ones are opened in memory; then signature and scan, both over the very bytes that a runtime
 * will be given. Cheapest refusal first: a signature costs no parsing.
 */

import { basename, resolve } from "node:path";
import type { ModelkeepError } from "../../../base/error/index.ts";
import { atLeast } from "../../../base/finding/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import type { HeldFile } from "../../../posture/sign/index.node.ts";
import type { Admission, AdmittedSignature } from "./admission.ts";
import { bundledDigests } from "./bundled.ts";
import type { ModelsConfig } from "./config.ts";
import type {} from "./errors.ts";
import type { ModelFile } from "./read.ts";
import { hostile, silentScan, unsigned, untrusted } from "./refusals.ts";
import type { Candidate } from "./scan.ts";
import { scanThread } from "./scan-thread.ts";
import { findSignature, namesFrom, readSignatureFile } from "./signature-file.ts";

/** Bytes of a model and of the data files that it may read, as a runtime will get them. */
export interface Held {
  readonly file: ModelFile;
  readonly external: ReadonlyMap<string, ModelFile>;
}

/** Let in, with its bytes back; or turned away. */
export interface Admitted extends Held {
  readonly admission: Admission;
  /** Why not, when it was turned away. */
  readonly error?: ModelkeepError | undefined;
}

export interface Gatekeeper {
  warm(): void;
  admit(candidate: Candidate, held: Held): Promise<Admitted>;
}

export interface GatekeeperParts {
  readonly config: Pick<ModelsConfig, "requireSignature" | "trustPolicy" | "failOn">;
  readonly baseDir: string;
  readonly clock: Clock;
}

export function createGatekeeper(parts: GatekeeperParts): Gatekeeper {
  const thread = scanThread();
  return {
    warm: () => thread.warm(),
    async admit(candidate, held) {
      const sealed = held.file.sealed?.digest;
      const nothing: Admission = { scan: "unfinished", findings: [], signature: undefined, sealed };
      if (bundledDigests.has(held.file.digest)) {
        const signature = parts.config.requireSignature ? ({ verdict: "bundled", reasons: [] } as const) : undefined;
        return { ...held, admission: { ...nothing, scan: "bundled", signature } };
      }
      const { signature, error: disbelief } = await checkSignature(candidate, held, parts);
      if (disbelief !== undefined) return { ...held, admission: { ...nothing, signature }, error: disbelief };
      const { path } = candidate;
      const answer = await thread.scan(basename(path), held.file.bytes).catch((cause: Error) => cause);
      // The thread that was scanning took the bytes with it.
      if (answer instanceof Error) return { ...held, admission: { ...nothing, signature }, error: silentScan(path, answer) };
      const file = { ...held.file, bytes: answer.bytes };
      const [grave] = answer.findings.filter(({ severity }) => atLeast(severity, parts.config.failOn));
      const findings = [...new Set(answer.findings.map(({ rule }) => rule))];
      // What could not be parsed to its end is refused below by whoever says best why: our reader, or else the scan.
      const scan = grave !== undefined && !answer.failed ? "refused" : answer.failed ? "unfinished" : "passed";
      const error = scan === "refused" ? hostile(path, grave) : undefined;
      return { file, external: held.external, admission: { ...nothing, scan, findings, signature }, error };
    },
  };
}

interface Checked {
  readonly signature: AdmittedSignature | undefined;
  readonly error?: ModelkeepError;
}

async function checkSignature(candidate: Candidate, held: Held, { config, baseDir, clock }: GatekeeperParts): Promise<Checked> {
  const { requireSignature, trustPolicy } = config;
  if (trustPolicy === undefined) return { signature: undefined };
  const { path, name, source } = candidate;
  const signature = await findSignature(path, source.signature === undefined ? undefined : resolve(baseDir, source.signature));
  if (signature === undefined) {
    const none: AdmittedSignature = { verdict: "none", reasons: [] };
    return requireSignature ? { signature: none, error: unsigned(path) } : { signature: none };
  }
  const { readTrustPolicy, verifyHeld } = await import("../../../posture/sign/index.node.ts");
  // Read each time: whoever is revoked today is not believed when a model is swapped tomorrow.
  const policy = await readTrustPolicy(resolve(baseDir, trustPolicy));
  const verdict = await verifyHeld({
    signature: await readSignatureFile(signature),
    policy,
    name,
    nowMs: clock.now(),
    files: [formsOf(held.file, namesFrom(signature, path)), ...externalForms(held, signature, path)],
  });
  if (verdict.ok) return { signature: { verdict: "verified", by: verdict.signer, digest: verdict.digest, reasons: [] } };
  const reasons = verdict.reasons.map(({ code, message }) => `${code}: ${message}`);
  return {
    signature: { verdict: "refused", by: verdict.signer, digest: verdict.digest, reasons },
    error: untrusted(path, reasons),
  };
}

/** What was signed may be the sealed file, or what is in it. */
function formsOf({ bytes, digest, sealed }: ModelFile, names: readonly string[]): HeldFile[] {
  if (sealed === undefined) return [{ names, bytes, digest }];
  return [
    { names, ...sealed },
    { names: names.map((name) => name.replace(/\.age$/, "")), bytes, digest },
  ];
}

function externalForms({ external }: Held, signature: string, path: string): HeldFile[][] {
  return [...external].map(([location, file]) => formsOf(file, namesFrom(signature, resolve(path, "..", location))));
}
