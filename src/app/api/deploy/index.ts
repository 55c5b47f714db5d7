export { deploy, deployKinds } from "./deploy.ts";
export type { Deployment, DeployKind, DeployRequest } from "./deploy.ts";
