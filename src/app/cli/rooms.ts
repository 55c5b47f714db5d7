/** The heavy rooms, loaded by the command that needs them: `--help` and a typo are answered without the database, the models or the policies. */
export const api = () => import("../api/index.ts");
export const host = () => import("../host/index.ts");
export const logRoom = () => import("../../base/log/index.node.ts");
export const reportRoom = () => import("../report/index.ts");
export const auditRoom = () => import("../../guard/audit/index.ts");

/** What the api room does without a service, one door for each: `scan` starts without the attacks, `inspect` without the scanner. */
export const admitApi = () => import("../api/admit/index.ts");
export const assessApi = () => import("../api/assess/index.ts");
export const bomApi = () => import("../api/bom/index.ts");
export const certifyApi = () => import("../api/certify/index.ts");
export const defendApi = () => import("../api/defend/index.ts");
export const deployApi = () => import("../api/deploy/index.ts");
export const hardenApi = () => import("../api/harden/index.ts");
export const modelApi = () => import("../api/model/index.ts");
export const scanApi = () => import("../api/scan/index.ts");
export const signApi = () => import("../api/sign/index.ts");
export const trainApi = () => import("../api/train/index.ts");
