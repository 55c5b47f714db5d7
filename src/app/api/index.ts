import { createRegistry } from "../../base/registry/index.ts";
import type { Registry } from "../../base/registry/index.ts";
import type { Operation } from "./define.ts";
import { all } from "./operations/_all.ts";

export { callAdmin } from "./admin-client.ts";
export { createAdminServer } from "./admin-server.ts";
export type { AdminServerOptions } from "./admin-server.ts";
export { defineOperation } from "./define.ts";
export type { InputOf, Operation, OutputOf } from "./define.ts";
export { runOperation } from "./run-operation.ts";
export type { Services } from "./services.ts";
export { auditCheckpoint, auditProve, auditRaw, auditRead, auditReindex, auditSearch, auditShow } from "./operations/audit.ts";
export { serviceStatus } from "./operations/service.ts";
export { bansLift, bansList, bansSet } from "./operations/bans.ts";
export { modelsBom } from "./operations/boms.ts";
export { evidenceAdd } from "./operations/evidence.ts";
export { keysCreate, keysList, keysRevoke, keysRotate } from "./operations/keys.ts";
export { modelsList, modelsReload } from "./operations/models.ts";
export { policyExplain, policyReload, policyTest } from "./operations/policy.ts";

/** Everything an operator can ask. */
export const operations: Registry<Operation> = createRegistry("operation", all as readonly unknown[] as readonly Operation[]);
