import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fromUtf8 } from "../../../base/crypto/index.ts";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { parseDocument } from "yaml";
import { readCertificates } from "../certificate/pem.node.ts";
import type {} from "../errors.ts";
import { parsePublicKey } from "../key/public-key.node.ts";
import { readTrustedRoot } from "../keyless/trusted-root.node.ts";
import type { SignerProof, TrustedSigner, TrustPolicy } from "./policy.ts";
import { trustPolicySchema } from "./schema.ts";
import type { SignerEntry, TrustPolicyFile } from "./schema.ts";

const maxPolicyBytes = 1 << 20;
const maxFileBytes = 8 << 20;
const dayMs = 86_400_000;

/**
 * A trust policy from its file. Keys, certificates and trusted roots that it names are read, too: a policy is whole or it is refused.
 * @throws `sign/bad-policy`, with the place in the file
 * @example
 * const policy = await readTrustPolicy("trust.yaml");
 */
export async function readTrustPolicy(path: string): Promise<TrustPolicy> {
  const bytes = await readBounded(path, maxPolicyBytes, path);
  return resolvePolicy(parseTrustPolicy(bytes, path), { path, baseDir: dirname(path) });
}

/**
 * The document alone, nothing that it names is opened.
 * @throws `sign/bad-policy`
 */
export function parseTrustPolicy(bytes: Uint8Array, path: string): TrustPolicyFile {
  let value: unknown;
  try {
    // No aliases: a policy has no use for them, and they multiply.
    const document = parseDocument(fromUtf8(bytes), { uniqueKeys: true, stringKeys: true, prettyErrors: true });
    if (document.errors.length > 0) throw document.errors[0]!;
    value = document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw badPolicy(path, `is not YAML: ${(cause as Error).message.split("\n")[0]}`, cause);
  }
  const result = trustPolicySchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const place = issue.path.length === 0 ? "" : ` at ${issue.path.map(String).join(".")}`;
  throw badPolicy(path, `is malformed${place}: ${issue.message}`, result.error);
}

interface Place {
  readonly path: string;
  readonly baseDir: string;
}

async function resolvePolicy(file: TrustPolicyFile, place: Place): Promise<TrustPolicy> {
  const names = new Set<string>();
  const signers: TrustedSigner[] = [];
  for (const entry of file.signers) {
    if (names.has(entry.name)) throw badPolicy(place.path, `names ${quote(entry.name)} twice`);
    names.add(entry.name);
    const startsMs = entry.from === undefined ? -Infinity : Date.parse(entry.from);
    const expiresMs = entry.expires === undefined ? Infinity : endOf(entry.expires);
    if (startsMs >= expiresMs) throw badPolicy(place.path, `trusts ${quote(entry.name)} at no time: it expires before it starts`);
    signers.push({
      name: entry.name,
      scope: entry.scope,
      startsMs,
      expiresMs,
      ...(await proofOf(entry, file.trustedRoot, place)),
    });
  }
  return { signers, revoked: file.revoked };
}

/** A day counts to its end, in UTC; a time is that instant. */
function endOf(text: string): number {
  return text.includes("T") ? Date.parse(text) : Date.parse(text) + dayMs;
}

async function proofOf(entry: SignerEntry, sharedRoot: string | undefined, place: Place): Promise<SignerProof> {
  const { key, roots, identity, issuer, trustedRoot = sharedRoot } = entry;
  try {
    if (key !== undefined) return { method: "key", key: parsePublicKey(await pemOf(key, place)) };
    if (roots !== undefined) return { method: "certificate", roots: readCertificates(await pemOf(roots, place)), identity };
  } catch (cause) {
    throw badPolicy(place.path, `cannot take ${quote(entry.name)}: ${(cause as Error).message}`, cause);
  }
  if (trustedRoot === undefined)
    throw badPolicy(place.path, `has no trustedRoot for ${quote(entry.name)}: a keyless signature is believed only against one`);
  const bytes = await readBounded(resolve(place.baseDir, trustedRoot), maxFileBytes, place.path);
  try {
    return { method: "keyless", identity: identity!, issuer: issuer!, trustedRoot: await readTrustedRoot(bytes) };
  } catch (cause) {
    throw badPolicy(place.path, `names ${quote(trustedRoot)}, which is no trusted root of Sigstore`, cause);
  }
}

async function pemOf(text: string, { path, baseDir }: Place): Promise<string | Uint8Array> {
  return text.includes("-----BEGIN") ? text : readBounded(resolve(baseDir, text), maxFileBytes, path);
}

async function readBounded(path: string, maxBytes: number, policy: string): Promise<Uint8Array> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw new Error("it is no file");
    if (stats.size > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
    return await readFile(path);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw badPolicy(
      policy,
      path === policy ? `cannot be read: ${why}` : `names ${quote(path, 160)}, which cannot be read: ${why}`,
      cause,
    );
  }
}

function badPolicy(path: string, what: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("sign/bad-policy", {
    message: `the trust policy ${quote(path, 160)} ${what}`,
    hint: "docs/guide/sign.md shows one",
    cause,
    exit: 4,
  });
}
