/** A release of this very package: made by our tool with a throw-away key, and checked by our command line and by OpenSSL. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cycloneDxErrors } from "../helpers/cyclonedx.ts";
import { bin, cleanEnv } from "../helpers/keep.ts";

const dir = mkdtempSync(join(tmpdir(), "modelkeep-release-"));
const at = (...names: string[]): string => join(dir, ...names);
const tool = (...words: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, "../../tools/release.mjs"), "--no-build", ...words], {
    encoding: "utf8",
  });
const verify = (...words: string[]) =>
  spawnSync(process.execPath, [bin, "verify", ...words, "--key", at("key.pub")], {
    cwd: dir,
    env: cleanEnv(dir),
    encoding: "utf8",
  });
const json = (file: string): any => JSON.parse(readFileSync(at("release", file), "utf8")); // oxlint-disable-line no-explicit-any -- documents of others' schemas
let tarball: string;
let released: { version: string; tarball: { name: string; digest: string }; files: string[] };

beforeAll(() => {
  execFileSync("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", at("key.pem")], {
    stdio: "pipe",
  });
  execFileSync("openssl", ["pkey", "-in", at("key.pem"), "-pubout", "-out", at("key.pub")]);
  const { status, stdout, stderr } = tool("--out", at("release"), "--key", at("key.pem"), "--allow-dirty");
  expect(`${status} ${stderr}`).toMatch(/^0/);
  released = JSON.parse(stdout);
  tarball = at("release", released.tarball.name);
}, 240_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("a release", () => {
  it("has every part signed, and each verifies under the one key", () => {
    const named = `modelkeep-${released.version}`;
    expect(released.tarball.digest).toBe(createHash("sha256").update(readFileSync(tarball)).digest("hex"));
    for (const part of [`${named}.tgz`, `${named}.cdx.json`, `${named}-deploy`])
      expect(verify(at("release", part)).status, part).toBe(0);
    for (const type of ["slsaprovenance", "cyclonedx"]) expect(verify(tarball, "--attestation", type).status, type).toBe(0);
    expect(readdirSync(at("release", `${named}-deploy`))).toEqual(expect.arrayContaining(["Dockerfile", "helm", "model.sig"]));
  });

  it("says what it was built from and by whom, in SLSA's terms", () => {
    const { predicate } = JSON.parse(verify(tarball, "--attestation", "slsaprovenance", "--json").stdout);
    const lock = createHash("sha256")
      .update(readFileSync(join(import.meta.dirname, "../../package-lock.json")))
      .digest("hex");
    expect(predicate.buildDefinition.resolvedDependencies).toContainEqual({
      name: "package-lock.json",
      digest: { sha256: lock },
    });
    expect(predicate.runDetails.builder.id).toMatch(/^https:/);
  });

  it("lists what it installs and nothing else, each with the hash of the lock file", () => {
    const bom = json(`modelkeep-${released.version}.cdx.json`);
    expect(cycloneDxErrors(bom)).toEqual([]);
    const names = bom.components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(["onnxruntime-node", "fastify", "zod"]));
    expect(names).not.toContain("vitest");
    expect(bom.components.every(({ hashes }: { hashes?: object[] }) => hashes?.length === 1)).toBe(true);
    const own = bom.dependencies.find(({ ref }: { ref: string }) => ref === bom.metadata.component["bom-ref"]);
    const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
    expect(own.dependsOn).toHaveLength(Object.keys(dependencies).length);
  });

  it("is verified by OpenSSL alone: the envelope's signature over DSSE's encoding, and the digest in it", () => {
    const { dsseEnvelope } = json(`${released.tarball.name}.slsaprovenance.sigstore.json`);
    const payload = Buffer.from(dsseEnvelope.payload, "base64");
    const { payloadType } = dsseEnvelope;
    const encoded = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload]);
    writeFileSync(at("pae"), encoded);
    writeFileSync(at("sig"), Buffer.from(dsseEnvelope.signatures[0].sig, "base64"));
    const said = execFileSync("openssl", ["dgst", "-sha256", "-verify", at("key.pub"), "-signature", at("sig"), at("pae")], {
      encoding: "utf8",
    });
    expect(said).toContain("Verified OK");
    expect(JSON.parse(payload.toString()).subject).toEqual([
      { name: released.tarball.name, digest: { sha256: released.tarball.digest } },
    ]);
  });

  it("that was touched afterwards is refused, and none is made over another", () => {
    expect(tool("--out", at("release"), "--key", at("key.pem"), "--allow-dirty").status).toBe(4);
    appendFileSync(tarball, "\n");
    expect(verify(tarball).status).toBe(1);
    expect(verify(tarball, "--attestation", "slsaprovenance").status).toBe(1);
    appendFileSync(at("release", `modelkeep-${released.version}-deploy`, "Dockerfile"), "\n");
    expect(verify(at("release", `modelkeep-${released.version}-deploy`)).status).toBe(1);
  });

  it("is not begun with a key that is none", () => {
    expect(tool("--out", at("none"), "--key", at("key.pub"), "--allow-dirty").status).not.toBe(0);
    expect(existsSync(at("none"))).toBe(false);
  });
});
