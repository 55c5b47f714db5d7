import type { Access } from "../../guard/access/index.ts";
import type { AuditLog } from "../../guard/audit/index.ts";
import type { Firewall } from "../../guard/firewall/index.ts";
import type { Models } from "../../guard/gateway/index.ts";

/** The parts of a keep that operations speak to. `host` opens them; the models are there only while it serves. */
export interface Services {
  readonly access: Access;
  readonly firewall: Firewall;
  readonly audit: AuditLog;
  readonly models?: Models;
  readonly serving?: { readonly url: string; readonly startedMs: number };
}
