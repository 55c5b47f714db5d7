import { digestOf, fromUtf8, utf8 } from "../../../base/crypto/index.ts";
import { z } from "zod";
import { registryError } from "./http.ts";

/** What a manifest says of a blob or of another manifest (OCI image specification 1.1, descriptor). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

export const manifestType = "application/vnd.oci.image.manifest.v1+json";
export const indexType = "application/vnd.oci.image.index.v1+json";
export const emptyConfig = utf8("{}");

const descriptor = z.object({
  mediaType: z.string().max(255).default(""),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().min(0),
  artifactType: z.string().max(255).optional(),
  annotations: z
    .record(z.string().max(255), z.string())
    .nullish()
    .transform((value) => value ?? {}),
});
const manifestSchema = z.object({
  layers: z.array(descriptor).max(1_000).default([]),
  artifactType: z.string().optional(),
  subject: descriptor.nullish(),
});
const indexSchema = z.object({ manifests: z.array(descriptor).max(10_000).nullish() });

export type Manifest = z.output<typeof manifestSchema>;

export function descriptorOf(bytes: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** @throws `sign/registry` */
export function readManifest(bytes: Uint8Array): Manifest {
  return read(bytes, manifestSchema, "a manifest");
}

/** The entries of an index. @throws `sign/registry` */
export function readIndex(bytes: Uint8Array): readonly Descriptor[] {
  return read(bytes, indexSchema, "an index").manifests ?? [];
}

function read<T>(bytes: Uint8Array, schema: z.ZodType<T>, what: string): T {
  try {
    return schema.parse(JSON.parse(fromUtf8(bytes)));
  } catch (cause) {
    throw registryError(`the registry answers with what is not ${what}`, cause);
  }
}
