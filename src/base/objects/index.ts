export type { Objects } from "./objects.ts";
export { createS3Objects } from "./s3.ts";
export type { S3Options } from "./s3.ts";
