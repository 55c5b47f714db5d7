/** The heavy rooms, loaded by the command that needs them: `--help` and a typo are answered without the database, the models or the policies. */
export const api = () => import("../api/index.ts");
export const host = () => import("../host/index.ts");
export const auditRoom = () => import("../../guard/audit/index.ts");
