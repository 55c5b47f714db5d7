/** PyPI's model-signing, the reference implementation of OpenSSF Model Signing: our signatures for it, its signatures for us. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parsePublicKey, pemSigner, readCertificates, signModel, verifyModel } from "../../src/posture/sign/index.node.ts";
import type { SignerProof } from "../../src/posture/sign/index.node.ts";
import { issue } from "../helpers/authority.ts";
import { pythonWith } from "../helpers/python.ts";

const scratch = mkdtempSync(join(tmpdir(), "modelkeep-model-signing-"));
let peer: ChildProcess;
let answers: AsyncIterator<string>;
afterAll(() => {
  peer.kill();
  rmSync(scratch, { recursive: true });
});
beforeAll(() => {
  // 1.1.1 needs pyOpenSSL and says so nowhere: sigstore used to bring it.
  const python = pythonWith(["model-signing==1.1.1", "pyOpenSSL"]);
  peer = spawn(python, [join(import.meta.dirname, "python/model_signing_peer.py")], { stdio: ["pipe", "pipe", "inherit"] });
  answers = createInterface({ input: peer.stdout! })[Symbol.asyncIterator]();
  mkdirSync(join(model, "weights", "d e.e"), { recursive: true });
  for (const name of ["a.b", "a", "weights/0:1", "weights/d e.e/ü😀.bin", "weights-b", "empty"])
    writeFileSync(join(model, name), name === "empty" ? "" : name.repeat(7));
});

const model = join(scratch, "model");
const signature = join(model, "model.sig");
const at = (name: string, text: string) => {
  writeFileSync(join(scratch, name), text);
  return join(scratch, name);
};

async function ask(...args: string[]): Promise<{ code: number; output: string }> {
  peer.stdin!.write(`${JSON.stringify(args)}\n`);
  return JSON.parse((await answers.next()).value);
}

/** What it prints when it refuses, or undefined when it verifies. */
async function theirVerdict(...args: string[]): Promise<string | undefined> {
  const { code, output } = await ask("verify", ...args);
  return code === 0 ? undefined : output;
}

async function theySign(...args: string[]): Promise<void> {
  expect(await ask("sign", ...args)).toMatchObject({ code: 0 });
}

async function ourReasons(proof: SignerProof, path = model, file = signature, more = {}) {
  const policy = { signers: [{ name: "them", scope: ["*"], startsMs: -Infinity, expiresMs: Infinity, ...proof }], revoked: [] };
  return (await verifyModel({ path, signature: file, policy, nowMs: Date.now(), ...more })).reasons;
}

describe.for(["P-256", "P-384", "P-521"])("with a key on %s", (namedCurve) => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const signer = pemSigner({ privateKey: pem });
  const proof: SignerProof = { method: "key", key: parsePublicKey(publicKey.export({ type: "spki", format: "pem" }) as string) };
  const keyFile = at(`${namedCurve}.pem`, pem);
  const pubFile = at(`${namedCurve}.pub`, publicKey.export({ type: "spki", format: "pem" }) as string);

  it("it verifies what we signed, and refuses it when a file is another", async () => {
    await signModel({ path: model, signer });
    expect(await theirVerdict("key", model, "--signature", signature, "--public_key", pubFile)).toBeUndefined();
    writeFileSync(join(model, "a"), "other");
    expect(await theirVerdict("key", model, "--signature", signature, "--public_key", pubFile)).toContain("Hash mismatch");
    writeFileSync(join(model, "a"), "a".repeat(7));
  });

  it("we verify what it signed, and refuse it when a file is another", async () => {
    await theySign("key", model, "--signature", signature, "--private_key", keyFile);
    expect(await ourReasons(proof)).toEqual([]);
    writeFileSync(join(model, "a"), "other");
    expect(await ourReasons(proof)).toMatchObject([{ code: "changed-file", path: "a" }]);
    writeFileSync(join(model, "a"), "a".repeat(7));
  });
});

describe("with one key", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  const keyFile = at("one.pem", pem);
  const pub = publicKey.export({ type: "spki", format: "pem" }) as string;
  const pubFile = at("one.pub", pub);
  const proof: SignerProof = { method: "key", key: parsePublicKey(pub) };

  it("a single file goes both ways", async () => {
    const file = join(model, "weights-b");
    const beside = join(scratch, "file.sig");
    await signModel({ path: file, signer: pemSigner({ privateKey: pem }), signature: beside });
    expect(await theirVerdict("key", file, "--signature", beside, "--public_key", pubFile)).toBeUndefined();
    await theySign("key", file, "--signature", beside, "--private_key", keyFile);
    expect(await ourReasons(proof, file, beside)).toEqual([]);
  });

  it("what is left out goes both ways", async () => {
    await signModel({ path: model, signer: pemSigner({ privateKey: pem }), ignore: ["weights"] });
    expect(await theirVerdict("key", model, "--signature", signature, "--public_key", pubFile)).toBeUndefined();
    const out = ["--ignore-paths", join(model, "weights")];
    await theySign("key", model, "--signature", signature, "--private_key", keyFile, ...out);
    expect(await ourReasons(proof)).toEqual([]);
  });

  it("links to files go both ways", async () => {
    const linked = join(scratch, "linked");
    mkdirSync(linked);
    writeFileSync(join(linked, "a"), "a");
    symlinkSync("a", join(linked, "b"));
    const beside = join(scratch, "linked.sig");
    await signModel({ path: linked, signer: pemSigner({ privateKey: pem }), signature: beside, allowSymlinks: true });
    expect(await theirVerdict("key", linked, "--signature", beside, "--public_key", pubFile, "--allow_symlinks")).toBeUndefined();
    await theySign("key", linked, "--signature", beside, "--private_key", keyFile, "--allow_symlinks");
    expect(await ourReasons(proof, linked, beside, { allowSymlinks: true })).toEqual([]);
  });

  it.for([
    ["sha256", "0"],
    ["blake2", "0"],
    ["blake3", "0"],
    ["sha256", "5"],
    ["blake2", "1000"],
  ] as const)("we verify %s in shards of %s bytes (0: whole files)", async ([algorithm, shard]) => {
    const sharded = join(scratch, `shards-${algorithm}-${shard}`);
    mkdirSync(sharded);
    writeFileSync(join(sharded, "a"), "a".repeat(23));
    writeFileSync(join(sharded, "empty"), "");
    const beside = join(sharded, "model.sig");
    await ask("shards", sharded, beside, keyFile, algorithm, shard);
    expect(await ourReasons(proof, sharded, beside)).toEqual([]);
    writeFileSync(join(sharded, "a"), `${"a".repeat(22)}b`);
    expect(await ourReasons(proof, sharded, beside)).toMatchObject([{ code: "changed-file", path: "a" }]);
  });
});

describe("with certificates", () => {
  const root = issue({ name: "root", authority: true });
  const middle = issue({ name: "middle", issuer: root, authority: true });
  const leaf = issue({ name: "release", issuer: middle, mail: "release@example.com", curve: "P-384" });
  const key = leaf.key.export({ type: "pkcs8", format: "pem" }) as string;
  const roots = at("root.pem", root.pem);

  it("it verifies what we signed", async () => {
    await signModel({ path: model, signer: pemSigner({ privateKey: key, certificates: leaf.pem + middle.pem }) });
    expect(await theirVerdict("certificate", model, "--signature", signature, "--certificate_chain", roots)).toBeUndefined();
  });

  it("we verify what it signed", async () => {
    const files = [
      "--private_key",
      at("leaf.key", key),
      "--signing_certificate",
      at("leaf.pem", leaf.pem),
      "--certificate_chain",
      at("middle.pem", middle.pem),
    ];
    await theySign("certificate", model, "--signature", signature, ...files);
    const proof: SignerProof = { method: "certificate", roots: readCertificates(root.pem), identity: "release@example.com" };
    expect(await ourReasons(proof)).toEqual([]);
  });
});
