export { certifyModel } from "./certify-model.ts";
export type { CertifyReport, CertifyRequest } from "./certify-model.ts";
