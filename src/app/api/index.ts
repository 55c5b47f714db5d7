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
export { keysCreate, keysList, keysRevoke, keysRotate } from "./operations/keys.ts";
export { modelsList, modelsReload } from "./operations/models.ts";
export { policyExplain, policyReload, policyTest } from "./operations/policy.ts";

export { deploy, deployKinds } from "./deploy/deploy.ts";
export type { Deployment, DeployKind, DeployRequest } from "./deploy/deploy.ts";
export { computeGradients } from "./model/gradients.ts";
export type { GradientReport, GradientRequest } from "./model/gradients.ts";
export { trainModel, resumeTraining } from "./train/train-model.ts";
export type { Progress, TrainReport, TrainRequest, TrainWays } from "./train/train-model.ts";
export { evaluateModel } from "./train/evaluate-model.ts";
export type { EvaluateRequest, EvaluationReport } from "./train/evaluate-model.ts";
export { checkRequired } from "./train/require.ts";
export { createModelFile } from "./train/new-model.ts";
export type { NewModelRequest } from "./train/new-model.ts";
export { inspectModel } from "./model/inspect.ts";
export type { Inspection } from "./model/inspect.ts";

export { assessModel } from "./assess/assess-model.ts";
export type { AssessReport } from "./assess/assess-model.ts";
export { explainRule } from "./assess/explain.ts";
export type { AssessRequest } from "./assess/request.ts";

export { convertModel } from "./scan/convert.ts";
export { fixTargets } from "./scan/fix.ts";
export type { Fixed } from "./scan/fix.ts";
export { scanPaths } from "./scan/scan.ts";
export type { ScanRequest } from "./scan/scan.ts";
export { scanExit, scanReport } from "./scan/verdict.ts";
export { writeBaseline } from "../../posture/scan/index.ts";

/** Everything an operator can ask. */
export const operations: Registry<Operation> = createRegistry("operation", all as readonly unknown[] as readonly Operation[]);
