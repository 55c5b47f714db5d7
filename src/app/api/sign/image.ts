import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { readSecret } from "../../../base/config/index.node.ts";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { systemClock } from "../../../base/port/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import {
  attestImage,
  openRepository,
  parseReference,
  predicateTypeOf,
  signImage,
  verifyImage,
} from "../../../posture/sign/index.node.ts";
import type {
  ImageReference,
  ImageVerdict,
  RegistryAccess,
  Repository,
  SignatureForm,
  WrittenSignatures,
} from "../../../posture/sign/index.node.ts";
import { fileAt, jsonOf } from "./files.ts";
import { openSigner } from "./open-signer.ts";
import type { SignerRequest } from "./open-signer.ts";
import { policyOf } from "./verify-path.ts";
import type { TrustRequest } from "./verify-path.ts";

/** Which image, and how its registry is spoken to. */
export interface ImageRequest {
  /** `registry/app@sha256:…`; a tag is looked up where `resolveTag` says so, and the digest is named. */
  readonly reference: string;
  readonly resolveTag?: boolean | undefined;
  readonly allowHttp?: boolean | undefined;
  /** Where `user:password` lies: `file:PATH`, `env:NAME` or `stdin`. Without it Docker's `config.json` is asked. */
  readonly credentials?: string | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

export interface SignImageRequest extends ImageRequest, SignerRequest {
  readonly form?: SignatureForm | undefined;
}

export interface AttestImageRequest extends SignImageRequest {
  /** A short name (`slsaprovenance`, `cyclonedx`, `spdx`, `vuln`) or the address of a type. */
  readonly type: string;
  /** A JSON file. */
  readonly predicate: string;
}

export interface VerifyImageRequest extends ImageRequest, TrustRequest {
  readonly attestations?: readonly string[] | undefined;
  readonly clock?: Clock;
}

export interface SignedImage extends WrittenSignatures {
  readonly image: string;
  readonly digest: string;
}

/** @throws `sign/bad-reference`, `sign/no-such-image`, `sign/registry`, what `openSigner` throws */
export async function signImageAt(request: SignImageRequest): Promise<SignedImage> {
  const { repository, name, digest } = await imageOf(request);
  const signer = await openSigner(request);
  try {
    return { image: name, digest, ...(await signImage({ repository, name, digest, signer, form: request.form })) };
  } finally {
    await signer.close();
  }
}

/** @throws the same, and `api/no-such-file` for the predicate */
export async function attestImageAt(request: AttestImageRequest): Promise<SignedImage & { readonly predicateType: string }> {
  const predicate = jsonOf(await fileAt(request.predicate), request.predicate);
  const predicateType = predicateTypeOf(request.type);
  const { repository, name, digest } = await imageOf(request);
  const signer = await openSigner(request);
  try {
    const parts = { repository, name, digest, signer, form: request.form, predicateType, predicate };
    return { image: name, digest, predicateType, ...(await attestImage(parts)) };
  } finally {
    await signer.close();
  }
}

/**
 * @throws `sign/bad-reference`, `sign/registry`, what reading the policy throws
 * @example
 * const { verdict, reasons } = await verifyImageAt({ reference: "registry.example/app@sha256:…", policy: "trust.yaml" });
 */
export async function verifyImageAt(
  request: VerifyImageRequest,
): Promise<ImageVerdict & { readonly verdict: "verified" | "refused" }> {
  const { clock = systemClock, attestations = [] } = request;
  const policy = await policyOf(request);
  const { repository, name, digest } = await imageOf(request);
  const types = attestations.map(predicateTypeOf);
  const verdict = await verifyImage({ repository, name, digest, policy, nowMs: clock.now(), attestations: types });
  return { verdict: verdict.ok ? "verified" : "refused", ...verdict };
}

async function imageOf(request: ImageRequest): Promise<{ repository: Repository; name: string; digest: string }> {
  const reference = parseReference(request.reference);
  if (reference.digest === undefined && request.resolveTag !== true) {
    throw new ModelkeepError("sign/bad-reference", {
      message: `${quote(request.reference, 200)} names no digest: what a tag points to tomorrow nobody has signed`,
      hint: "give registry/app@sha256:…, or add --resolve to take what the tag points to now",
      exit: 4,
      status: 400,
    });
  }
  const repository = openRepository(reference, { ...(await accessOf(request, reference)) });
  const { descriptor } = await repository.manifest(reference.digest ?? reference.tag ?? "latest");
  return { repository, name: reference.name, digest: descriptor.digest };
}

/** How a registry is spoken to: with what is asked for, or what `docker login` left. */
async function accessOf(request: ImageRequest, { registry }: ImageReference): Promise<RegistryAccess> {
  const { allowHttp, credentials, fetch } = request;
  const secret = credentials === undefined ? await dockerLogin(registry) : await readSecret(credentials);
  const colon = secret?.indexOf(":") ?? -1;
  const pair = colon < 1 ? undefined : { user: secret!.slice(0, colon), password: secret!.slice(colon + 1) };
  return { allowHttp, credentials: pair, fetch };
}

/** `user:password` of a registry in Docker's `config.json`, where it is written there and not in a helper's keeping. */
async function dockerLogin(registry: string): Promise<string | undefined> {
  const folder = process.env["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
  try {
    const { auths } = JSON.parse(await readFile(join(folder, "config.json"), "utf8")) as {
      auths?: Record<string, { auth?: string }>;
    };
    const entry = auths?.[registry] ?? (registry === "registry-1.docker.io" ? auths?.["https://index.docker.io/v1/"] : undefined);
    return entry?.auth === undefined ? undefined : Buffer.from(entry.auth, "base64").toString("utf8");
  } catch {
    return undefined; // nobody logged in
  }
}
