export { certifyModel } from "./certify-model.ts";
export type { CertifyReport } from "./certify-model.ts";
export type { CertifyRequest } from "./request.ts";
