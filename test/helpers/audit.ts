import type { Evidence } from "../../src/base/evidence/index.ts";
import { createManualClock } from "../../src/base/port/index.ts";
import type { Disk } from "../../src/base/port/index.ts";
import { auditConfig, createAuditLog, openSigner } from "../../src/guard/audit/index.ts";
import type { AuditLog, AuditLogOptions } from "../../src/guard/audit/index.ts";

/** A served request, as the gateway tells it. */
export function answered(n: number, over: Partial<Evidence> = {}): Evidence {
  return {
    kind: "inference.answered",
    outcome: "done",
    actor: { principal: n % 3 === 0 ? "alice" : "bob", credential: `mk_${n % 3}`, address: `192.0.2.${n % 250}` },
    action: "infer",
    subject: { type: "model", id: "digits", version: "1", digest: `sha256:${"ab".repeat(32)}` },
    requestId: `request-${n}`,
    figures: [{ name: "latency", value: 1.5 + n, unit: "ms" }],
    detail: {
      inputs: [{ name: "input", type: "float32", dims: [1, 1, 28, 28], commitment: `hmac-sha256:${"cd".repeat(32)}` }],
      policies: ["caller"],
      rows: 1,
    },
    ...over,
  };
}

/** A log over a disk, with the keys that lie there or new ones. */
export async function openLog(disk: Disk, over: Partial<AuditLogOptions> & { settings?: object } = {}): Promise<AuditLog> {
  const { settings, ...options } = over;
  const config = auditConfig.parse({ gatherMs: 0, integrateMs: 60_000, ...settings });
  return createAuditLog({ disk, signer: await openSigner({ disk, config }), config, clock: createManualClock(), ...options });
}
