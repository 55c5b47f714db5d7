/** Signatures of images in a real registry, Google's `go-containerregistry`, over HTTP. */
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { utf8 } from "../../src/base/crypto/index.ts";
import { attestImageAt, signImageAt, verifyImageAt } from "../../src/app/api/sign/index.ts";
import { openRepository, parseReference } from "../../src/posture/sign/index.ts";
import { freePort } from "../helpers/free-port.ts";

const folder = mkdtempSync(join(tmpdir(), "modelkeep-registry-"));
let registry: ChildProcess;
let reference: string;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  const env = { ...process.env, GOBIN: folder, GOFLAGS: "-mod=mod" };
  execFileSync("go", ["install", "github.com/google/go-containerregistry/cmd/registry@v0.22.1"], {
    cwd: folder,
    env,
    stdio: "pipe",
  });
  const port = await freePort();
  registry = spawn(file("registry"), ["--port", String(port)], { stdio: "ignore" });
  const host = `127.0.0.1:${port}`;
  await vi.waitFor(async () => expect((await fetch(`http://${host}/v2/`)).status).toBe(200), { timeout: 30_000, interval: 50 });
  const repository = openRepository(parseReference(`${host}/team/app`));
  const config = await repository.putBlob(
    utf8(JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [] } })),
    "application/vnd.oci.image.config.v1+json",
  );
  const { digest } = await repository.putManifest(
    { schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config, layers: [] },
    "1",
  );
  reference = `${host}/team/app@${digest}`;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(file("key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(file("key.pub"), publicKey.export({ type: "spki", format: "pem" }));
  writeFileSync(file("sbom.json"), '{"bomFormat":"CycloneDX"}');
});

afterAll(() => {
  registry.kill();
  rmSync(folder, { recursive: true, force: true });
});

describe("an image in go-containerregistry's registry", () => {
  it("is unsigned, then signed in both forms, then attested", async () => {
    const trust = { reference, key: file("key.pub") };
    expect(await verifyImageAt(trust)).toMatchObject({ verdict: "refused", reasons: [{ code: "no-signature" }] });
    await signImageAt({ reference, key: file("key.pem") });
    const verdict = await verifyImageAt(trust);
    expect(verdict).toMatchObject({ verdict: "verified", reasons: [] });
    expect(verdict.claims.map(({ form }) => form)).toEqual(["tag", "bundle"]);
    await attestImageAt({ reference, key: file("key.pem"), type: "cyclonedx", predicate: file("sbom.json") });
    expect(await verifyImageAt({ ...trust, attestations: ["cyclonedx"] })).toMatchObject({ verdict: "verified" });
  });

  it("is taken by its tag only when that is asked for", async () => {
    const tagged = reference.replace(/@.*/, ":1");
    await expect(verifyImageAt({ reference: tagged, key: file("key.pub") })).rejects.toMatchObject({
      code: "sign/bad-reference",
    });
    expect(await verifyImageAt({ reference: tagged, key: file("key.pub"), resolveTag: true })).toMatchObject({
      digest: reference.split("@")[1],
    });
  });
});
