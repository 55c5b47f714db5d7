import { toModelkeepError, type ModelkeepError } from "../../base/error/index.ts";
import type { GatewayParts } from "./face.ts";
import type { Exchange } from "./http/exchange.ts";
import { refusedEntry } from "./record/entries.ts";
import type { Verdict } from "../firewall/index.ts";
import { clientGone, irregularityOf, refusedBy } from "./refusals.ts";

/** Where a walk ends that came to a no: the firewall learns of it, the log gets it, and what the client is told comes back. */
export type Refuse = (exchange: Exchange, thrown: unknown) => Promise<ModelkeepError>;

export function createRefuse({ firewall, audit, log }: Pick<GatewayParts, "firewall" | "audit" | "log">): Refuse {
  return async function refuse(exchange, thrown) {
    const error = exchange.gone.aborted ? clientGone() : toModelkeepError(thrown);
    const verdict = told(exchange, error);
    if (error.status >= 500) report(exchange, error);

    const entry = refusedEntry(exchange, error);
    try {
      // Strangers, and callers who go on after their limit, must not fill the log: their refusals are counted after the first few.
      const isQuota = exchange.caller === undefined || isFirewalls(error);
      await (isQuota ? audit.refuse(entry) : audit.append(entry));
    } catch (cause) {
      log.error("a refusal is not in the audit log", { requestId: exchange.id, code: error.code, cause });
    }
    return verdict?.ok === false ? refusedBy(verdict) : error;
  };

  /** What the firewall makes of it. A stranger pays for each request, also for one that is refused. */
  function told({ who, caller }: Exchange, error: ModelkeepError): Verdict | undefined {
    const irregularity = irregularityOf(error);
    if (irregularity !== undefined) return firewall.observe(who, irregularity);
    return caller === undefined && !isFirewalls(error) ? firewall.charge(who, { requests: 1 }) : undefined;
  }

  function report({ id, address }: Exchange, error: ModelkeepError): void {
    log.error("request failed", { requestId: id, address, code: error.code, reason: error.message, cause: error.cause });
  }
}

function isFirewalls({ code }: ModelkeepError): boolean {
  return code.startsWith("firewall/");
}
