/**
 * A key in the transit engine of HashiCorp Vault, or of OpenBao, which speaks the same (developer.hashicorp.com/vault/api-docs/secret/transit).
 * The key's newest version signs; sealed files say themselves which version opens them.
 */
import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { resolve } from "node:path";
import { readSecret } from "../../../base/config/index.node.ts";
import { quote } from "../../../base/error/index.ts";
import { fromBase64, fromUtf8, toBase64, utf8 } from "../../../base/crypto/index.ts";
import { z } from "zod";
import { isLoopback } from "../image/addresses.ts";
import { serviceError } from "./backend.ts";
import type { KeyBackend, SignatureRequest } from "./backend.ts";
import type { VaultConfig } from "./config.ts";

const keySchema = z.object({
  latest_version: z.int().min(1),
  keys: z.record(z.string(), z.union([z.object({ public_key: z.string().optional() }), z.number()])),
});
const signedSchema = z.object({ signature: z.string() });
const sealedSchema = z.object({ ciphertext: z.string() });
const openedSchema = z.object({ plaintext: z.string() });

const hashes = {
  "ecdsa-p256-sha256": "sha2-256",
  "ecdsa-p384-sha384": "sha2-384",
  "ecdsa-p521-sha512": "sha2-512",
  "rsa-pkcs1-sha256": "sha2-256",
} as const;

export function vaultBackend(config: VaultConfig, baseDir: string): KeyBackend {
  const { mount, key } = config;
  const id = `vault/${mount}/${key}`;
  const ask = <T>(path: string, schema: z.ZodType<T>, body?: object): Promise<T> =>
    send({ config, baseDir, id }, `${mount}/${path}`, { schema, body });
  let version: number | undefined;
  return {
    id,
    async publicKey() {
      const { latest_version: latest, keys } = await ask(`keys/${key}`, keySchema);
      const newest = keys[String(latest)];
      const text = typeof newest === "object" ? newest.public_key : undefined;
      if (text === undefined) throw serviceError(id, "the key has no public half: it is not one that signs");
      version = latest;
      // An Ed25519 key comes as its 32 bytes alone: RFC 8410, section 4, is what stands before them.
      return text.startsWith("-----") ? text : Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), fromBase64(text)]);
    },
    async sign(request) {
      const { signature } = await ask(`sign/${key}`, signedSchema, {
        ...signingBody(request),
        ...(version !== undefined && { key_version: version }),
      });
      const [, base64] = /^vault:v\d+:([A-Za-z0-9+/=]+)$/.exec(signature) ?? [];
      if (base64 === undefined) throw serviceError(id, "it answers with what is no signature");
      return fromBase64(base64);
    },
    wrap: async (plain) => utf8((await ask(`encrypt/${key}`, sealedSchema, { plaintext: toBase64(plain) })).ciphertext),
    unwrap: async (wrapped) =>
      fromBase64((await ask(`decrypt/${key}`, openedSchema, { ciphertext: fromUtf8(wrapped) })).plaintext),
  };
}

function signingBody({ algorithm, message, digest }: SignatureRequest): object {
  if (digest === undefined || algorithm === "ed25519") return { input: toBase64(message) };
  const kind = algorithm === "rsa-pkcs1-sha256" ? { signature_algorithm: "pkcs1v15" } : { marshaling_algorithm: "asn1" };
  return { input: toBase64(digest), prehashed: true, hash_algorithm: hashes[algorithm], ...kind };
}

interface Place {
  readonly config: VaultConfig;
  readonly baseDir: string;
  readonly id: string;
}

const maxAnswerBytes = 1 << 20;

/** One request. No redirect is followed: the token is for this address alone. */
async function send<T>(
  { config, baseDir, id }: Place,
  path: string,
  { schema, body }: { readonly schema: z.ZodType<T>; readonly body?: object | undefined },
): Promise<T> {
  const url = new URL(`/v1/${path}`, config.url);
  if (url.protocol === "http:" && !isLoopback(url.hostname))
    throw serviceError(id, `${quote(config.url)} is not encrypted and not on this machine`);
  const ca =
    config.ca === undefined
      ? undefined
      : await readFile(resolve(baseDir, config.ca)).catch((cause: unknown) => {
          throw serviceError(id, `${quote(config.ca!, 160)} cannot be read`, cause);
        });
  const headers = {
    "x-vault-token": await readSecret(config.token, { baseDir }),
    "x-vault-request": "true",
    ...(config.namespace !== undefined && { "x-vault-namespace": config.namespace }),
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  const { status, text } = await exchange(url, { headers, ca, body, timeoutMs: config.timeoutMs }).catch(
    (cause: Error & { code?: string }) => {
      throw serviceError(id, `${quote(url.host)} does not answer: ${quote(cause.code ?? cause.message)}`, cause);
    },
  );
  try {
    if (status === 200) return z.object({ data: schema }).parse(JSON.parse(text)).data;
  } catch (cause) {
    throw serviceError(id, "it answers with what is not the transit engine's JSON", cause);
  }
  throw serviceError(id, `it answers ${status}${complaintOf(text)}`);
}

function complaintOf(text: string): string {
  try {
    const { errors } = z.object({ errors: z.array(z.string()).min(1) }).parse(JSON.parse(text));
    return `: ${quote(errors.join("; "), 200)}`;
  } catch {
    return "";
  }
}

interface Exchange {
  readonly headers: Readonly<Record<string, string>>;
  readonly ca: Buffer | undefined;
  readonly body: object | undefined;
  readonly timeoutMs: number;
}

function exchange(url: URL, { headers, ca, body, timeoutMs }: Exchange): Promise<{ status: number; text: string }> {
  return new Promise((resolved, reject) => {
    const options = { method: body === undefined ? "GET" : "POST", headers, signal: AbortSignal.timeout(timeoutMs) };
    const request =
      url.protocol === "http:" ? httpRequest(url, options) : httpsRequest(url, { ...options, ...(ca !== undefined && { ca }) });
    request.on("error", reject).on("response", (response) => {
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      response.on("error", reject).on("data", (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes > maxAnswerBytes) response.destroy(new Error("the answer is too long"));
        else chunks.push(chunk);
      });
      response.on("end", () => resolved({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }));
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
