import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { issue } from "../../../../test/helpers/authority.ts";
import { memoryRegistry } from "../../../../test/helpers/memory-registry.ts";
import type { MemoryRegistry } from "../../../../test/helpers/memory-registry.ts";
import { attestImage, openRepository, parsePublicKey, parseReference, pemSigner, signImage, verifyImage } from "../index.node.ts";
import type { SignatureForm, Signer, TrustPolicy } from "../index.node.ts";

const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = (key: typeof pair.privateKey): string => key.export({ type: "pkcs8", format: "pem" }).toString();
const signer = pemSigner({ privateKey: pem(pair.privateKey) });
const trusting = (key: Signer, more: object = {}): TrustPolicy => ({
  signers: [
    {
      name: "release",
      method: "key",
      key: parsePublicKey(key.publicKey),
      scope: ["*"],
      startsMs: -Infinity,
      expiresMs: Infinity,
      ...more,
    },
  ],
  revoked: [],
});
const name = "registry.example/app";
const open = ({ fetch }: MemoryRegistry) => openRepository(parseReference(name), { fetch });
const image = { schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: {}, layers: [] };

async function verify(registry: MemoryRegistry, digest: string, policy = trusting(signer), attestations: readonly string[] = []) {
  return verifyImage({ repository: open(registry), name, digest, policy, nowMs: 0, attestations });
}

describe("an image that was signed", () => {
  it.for(["tag", "bundle", "both"] satisfies SignatureForm[])(
    "verifies in the form %s, with and without the referrers API",
    async (form) => {
      for (const referrers of [true, false]) {
        const registry = memoryRegistry({ referrers });
        const digest = registry.put(image);
        expect((await verify(registry, digest)).reasons.map(({ code }) => code)).toEqual(["no-signature"]);
        await signImage({ repository: open(registry), name, digest, signer, form });
        const verdict = await verify(registry, digest);
        expect(verdict).toMatchObject({ ok: true, reasons: [] });
        expect(verdict.claims.map((claim) => claim.form)).toEqual(form === "both" ? ["tag", "bundle"] : [form]);
      }
    },
  );

  it("is refused under another key, out of scope, after its day, and when it is revoked", async () => {
    const registry = memoryRegistry();
    const digest = registry.put(image);
    await signImage({ repository: open(registry), name, digest, signer });
    const other = pemSigner({ privateKey: pem(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey) });
    const codes = async (policy: TrustPolicy): Promise<string[]> =>
      (await verify(registry, digest, policy)).reasons.map(({ code }) => code);
    expect(await codes(trusting(other))).toContain("wrong-signer");
    expect(await codes(trusting(signer, { scope: ["registry.example/other"] }))).toContain("out-of-scope");
    expect(await codes(trusting(signer, { expiresMs: 0 }))).toContain("expired");
    expect(await codes({ ...trusting(signer), revoked: [{ digest, reason: "leaked" }] })).toEqual(["revoked"]);
  });

  it("lends its signature to no other image, wherever it is copied", async () => {
    const registry = memoryRegistry();
    const digest = registry.put(image);
    await signImage({ repository: open(registry), name, digest, signer });
    const evil = registry.put({ ...image, annotations: { evil: "yes" } });
    registry.manifests.set(`${evil.replace(":", "-")}.sig`, registry.manifests.get(`${digest.replace(":", "-")}.sig`)!);
    registry.manifests.set(evil.replace(":", "-"), registry.manifests.get(digest.replace(":", "-"))!);
    const verdict = await verify(registry, evil);
    expect(verdict.ok).toBe(false);
    expect(verdict.reasons.map(({ message }) => message).join()).toContain("about another image");
  });

  it("is not verified with any byte of its signature changed", async () => {
    const registry = memoryRegistry();
    const digest = registry.put(image);
    await signImage({ repository: open(registry), name, digest, signer, form: "tag" });
    const tag = `${digest.replace(":", "-")}.sig`;
    const { bytes, type } = registry.manifests.get(tag)!;
    const text = bytes.toString();
    const at = text.indexOf("cosign/signature") + 25;
    for (let i = at; i < at + 60; i += 3) {
      const changed = `${text.slice(0, i)}${text[i] === "A" ? "B" : "A"}${text.slice(i + 1)}`;
      registry.manifests.set(tag, { bytes: Buffer.from(changed), type });
      expect((await verify(registry, digest)).ok, changed.slice(i - 3, i + 3)).toBe(false);
    }
  });
});

describe("an image that was signed under certificates", () => {
  const root = issue({ name: "root", authority: true });
  const middle = issue({ name: "middle", issuer: root, authority: true });
  const leaf = issue({ name: "release", issuer: middle, mail: "release@example.com" });
  const chained = pemSigner({
    privateKey: leaf.key.export({ type: "pkcs8", format: "pem" }),
    certificates: [leaf, middle].map((one) => one.pem).join(""),
  });
  const nowMs = Date.parse("2026-06-15");
  const rooted = (authority: Uint8Array, identity?: string): TrustPolicy => ({
    signers: [
      {
        name: "team",
        method: "certificate",
        roots: [authority],
        identity,
        scope: ["*"],
        startsMs: -Infinity,
        expiresMs: Infinity,
      },
    ],
    revoked: [],
  });

  it.for(["tag", "bundle"] satisfies SignatureForm[])(
    "verifies in the form %s by the root, with and without the referrers API, and names whom",
    async (form) => {
      for (const referrers of [true, false]) {
        const registry = memoryRegistry({ referrers });
        const digest = registry.put(image);
        await signImage({ repository: open(registry), name, digest, signer: chained, form });
        const check = (policy: TrustPolicy, at = nowMs) =>
          verifyImage({ repository: open(registry), name, digest, policy, nowMs: at });
        const verdict = await check(rooted(root.der, "*@example.com"));
        expect(verdict).toMatchObject({
          ok: true,
          claims: [{ form, by: { method: "certificate", identity: "release@example.com" } }],
        });
        const other = issue({ name: "root", authority: true });
        for (const policy of [rooted(other.der), rooted(root.der, "*@elsewhere.example"), trusting(signer)])
          expect((await check(policy)).ok).toBe(false);
        expect((await check(rooted(root.der), Date.parse("2051-01-01"))).ok).toBe(false);
      }
    },
  );
});

describe("an attestation", () => {
  it("is there by its type, and is no plain signature", async () => {
    const registry = memoryRegistry({ referrers: true });
    const digest = registry.put(image);
    const predicateType = "https://slsa.dev/provenance/v1";
    await attestImage({ repository: open(registry), name, digest, signer, predicateType, predicate: { buildType: "x" } });
    const verdict = await verify(registry, digest, trusting(signer), [predicateType]);
    expect(verdict.ok).toBe(true);
    expect(verdict.claims[0]).toMatchObject({ predicateType, predicate: { buildType: "x" }, by: { signer: "release" } });
    expect((await verify(registry, digest)).ok).toBe(false);
    expect((await verify(registry, digest, trusting(signer), ["https://cyclonedx.org/bom"])).ok).toBe(false);
  });
});

describe("a registry", () => {
  it("gives a token for its own credentials, and nobody else sees them", async () => {
    const registry = memoryRegistry({ realm: "https://auth.example/token", redirect: "https://bucket.example/blob" });
    const digest = registry.put(image);
    const repository = openRepository(parseReference(name), { fetch: registry.fetch, credentials: { user: "u", password: "p" } });
    expect((await repository.manifest(digest)).descriptor.digest).toBe(digest);
    await expect(repository.blob({ mediaType: "", digest, size: 1 }, 10)).rejects.toMatchObject({ code: "sign/registry" });
    expect(registry.log.filter((line) => line.includes("bucket.example"))).toEqual(["GET https://bucket.example/blob"]);
  });

  it.for([
    "http://169.254.169.254/latest",
    "http://plain.example/",
    "https://127.0.0.1/",
    "https://[fe80::1]/",
    "https://u:p@x.example/",
    "https://metadata.google.internal/",
  ])("cannot send us to %s", async (redirect) => {
    const registry = memoryRegistry({ redirect });
    const bytes = { mediaType: "", digest: `sha256:${"0".repeat(64)}`, size: 1 };
    await expect(open(registry).blob(bytes, 10)).rejects.toMatchObject({ code: "sign/registry" });
    expect(registry.log).toHaveLength(1);
    const lured = memoryRegistry({ realm: redirect });
    await expect(open(lured).manifest("latest")).rejects.toMatchObject({ code: "sign/registry" });
    expect(lured.log).toHaveLength(1);
  });

  it("that gives other bytes than were asked for is not believed", async () => {
    const registry = memoryRegistry();
    const digest = registry.put(image);
    registry.manifests.set(digest, { bytes: Buffer.from("{}"), type: "application/json" });
    await expect(open(registry).manifest(digest)).rejects.toMatchObject({ code: "sign/registry" });
  });
});

describe("the name of an image", () => {
  it.for([
    ["app", "registry-1.docker.io", "library/app"],
    ["org/app:1", "registry-1.docker.io", "org/app"],
    ["localhost:5000/app", "localhost:5000", "app"],
    ["ghcr.io/a/b/c:v1", "ghcr.io", "a/b/c"],
  ])("%s is at %s", ([text, registry, repository]) => expect(parseReference(text!)).toMatchObject({ registry, repository }));

  it.for([
    "",
    "APP",
    "a b",
    "x@sha256:12",
    "../etc",
    "r.example/a//b",
    "r.example/a?x",
    "r.example:99999999/a",
    "a@b@c",
    "http://r.example/a",
  ])("%s is none", (text) => expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "sign/bad-reference" })));
});
