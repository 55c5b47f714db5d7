import { systemClock } from "../../../base/port/index.ts";
import { createPrometheusMeter } from "../../../base/log/index.node.ts";
import type { EvidenceSink } from "../../../base/evidence/index.ts";
import type { Logger } from "../../../base/log/index.ts";
import { createAdmissionServer, createVerifier, watchFiles } from "../../../guard/admit/index.ts";
import type { AdmissionServer, AdmitRules } from "../../../guard/admit/index.ts";
import { newestMinor, parseMinor } from "../../../posture/scan/index.ts";
import { predicateTypeOf, readTrustPolicy } from "../../../posture/sign/index.node.ts";
import type { TrustPolicy } from "../../../posture/sign/index.node.ts";

export interface AdmitRequest {
  /** `trust.yaml`; read again when it changes. Without it images must be pinned by digest, and nothing is verified. */
  readonly policy?: string | undefined;
  readonly pss: "privileged" | "baseline" | "restricted";
  readonly k8sVersion?: string | undefined;
  readonly mode: AdmitRules["mode"];
  readonly exempt: readonly string[];
  readonly attestation: readonly string[];
  readonly models: boolean;
  readonly host: string;
  readonly port: number;
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly allowHttp?: boolean | undefined;
  /** Where decisions are entered. */
  readonly evidence?: EvidenceSink | undefined;
  readonly log: Logger;
  readonly reloadMs?: number;
}

export type Admission = Pick<AdmissionServer, "url" | "port" | "close">;

/**
 * Starts the admission webhook.
 * @throws `sign/bad-policy`, `api/no-such-file`, `admit/bad-certificate`, NodeJS.ErrnoException when the address is taken
 */
export async function admit(request: AdmitRequest): Promise<Admission> {
  const { policy: path, log, reloadMs = 10_000 } = request;
  let trust: TrustPolicy = path === undefined ? { signers: [], revoked: [] } : await readTrustPolicy(path);
  const reload = async (): Promise<void> => {
    try {
      trust = await readTrustPolicy(path!);
      log.info("the trust policy was read again");
    } catch (error) {
      log.error("the new trust policy cannot be used; the old one stays", { error: String(error) });
    }
  };
  const watched = path === undefined ? undefined : watchFiles([path], reloadMs, () => void reload());
  const rules: AdmitRules = {
    standard:
      request.pss === "privileged"
        ? undefined
        : { level: request.pss, minor: parseMinor(request.k8sVersion ?? "latest") ?? newestMinor },
    verifySignatures: path !== undefined,
    verifyModels: request.models,
    exemptNamespaces: request.exempt,
    mode: request.mode,
  };
  const verify = createVerifier({
    policy: () => trust,
    access: { allowHttp: request.allowHttp, timeoutMs: 8_000 },
    attestations: request.attestation.map(predicateTypeOf),
    clock: systemClock,
  });
  const tls = { cert: request.tlsCert, key: request.tlsKey };
  const { host, port, evidence } = request;
  const server = await createAdmissionServer({
    host,
    port,
    tls,
    rules,
    verify,
    evidence,
    log,
    meter: createPrometheusMeter(),
    reloadMs,
  });
  return {
    url: server.url,
    port: server.port,
    async close() {
      watched?.close();
      await server.close();
    },
  };
}
