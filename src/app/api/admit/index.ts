export { admit } from "./admit.ts";
export type { Admission, AdmitRequest } from "./admit.ts";
