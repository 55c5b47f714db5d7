import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { attestModel, parsePublicKey, pemSigner, signModel, verifyAttestation, verifyModel } from "../index.node.ts";
import type { TrustPolicy, VerifyAttestationOptions } from "../index.node.ts";

const dir = mkdtempSync(join(tmpdir(), "modelkeep-attest-"));
afterAll(() => rmSync(dir, { recursive: true }));
const signer = pemSigner({
  privateKey: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }),
});
const policy: TrustPolicy = {
  signers: [
    {
      name: "team",
      method: "key",
      key: parsePublicKey(signer.publicKey),
      scope: ["*"],
      startsMs: -Infinity,
      expiresMs: Infinity,
    },
  ],
  revoked: [],
};
const predicateType = "https://cyclonedx.org/bom";
const predicate = { bomFormat: "CycloneDX" };
const check = (path: string, signature: string, more: Partial<VerifyAttestationOptions> = {}) =>
  verifyAttestation({ path, signature, policy, predicateType, nowMs: 0, ...more });
const codes = async (verdict: ReturnType<typeof check>): Promise<string[]> => (await verdict).reasons.map(({ code }) => code);

describe("an attestation of a file", () => {
  const file = join(dir, "m.onnx");
  const to = join(dir, "m.att");
  const make = async (): Promise<void> => {
    writeFileSync(file, "weights");
    await attestModel({ path: file, to, signer, predicateType, predicate });
  };

  it("is believed with what it claims, whatever the file is called now", async () => {
    await make();
    expect(await check(file, to)).toMatchObject({ ok: true, predicate, predicateType, signer: { signer: "team" }, files: 1 });
    writeFileSync(join(dir, "renamed.bin"), "weights");
    expect((await check(join(dir, "renamed.bin"), to)).ok).toBe(true);
  });

  it("is not believed of another file, under another key, of another type, or when it is missing; nothing is claimed then", async () => {
    await make();
    writeFileSync(join(dir, "other.onnx"), "Weights");
    const other = await check(join(dir, "other.onnx"), to);
    expect([other.reasons[0]?.code, other.predicate]).toEqual(["changed-file", undefined]);
    expect(await codes(check(file, to, { policy: { signers: [], revoked: [] } }))).toEqual(["wrong-signer"]);
    expect(await codes(check(file, to, { predicateType: "https://slsa.dev/provenance/v1" }))).toEqual(["malformed-statement"]);
    expect(await codes(check(file, join(dir, "nowhere")))).toEqual(["no-signature"]);
  });

  it("is no signature of a model, and a signature of a model is no attestation", async () => {
    await make();
    expect((await verifyModel({ path: file, signature: to, policy, nowMs: 0 })).ok).toBe(false);
    await signModel({ path: file, signer });
    expect(await codes(check(file, `${file}.sig`))).toEqual(["malformed-statement"]);
  });

  it("falls with any byte of its payload", async () => {
    await make();
    const text = readFileSync(to, "utf8");
    const start = text.indexOf('"payload":"') + 11;
    for (let i = start; i < start + 200; i += 7) {
      writeFileSync(join(dir, "bent"), `${text.slice(0, i)}${text[i] === "A" ? "B" : "A"}${text.slice(i + 1)}`);
      expect((await check(file, join(dir, "bent"))).ok, `byte ${i}`).toBe(false);
    }
  });
});

describe("an attestation of a folder", () => {
  it("is about every file of it but its signature: one more, one less, one other is told", async () => {
    const folder = join(dir, "model");
    const to = join(dir, "model.att");
    mkdirSync(join(folder, "sub"), { recursive: true });
    writeFileSync(join(folder, "a.bin"), "a");
    writeFileSync(join(folder, "sub/b.bin"), "b");
    await signModel({ path: folder, signer });
    expect(await attestModel({ path: folder, to, signer, predicateType, predicate })).toEqual({ subjects: 2 });
    await signModel({ path: folder, signer }); // another signature, the same model
    expect(await check(folder, to)).toMatchObject({ ok: true, files: 2 });
    writeFileSync(join(folder, "c.bin"), "c");
    expect(await codes(check(folder, to))).toEqual(["extra-file"]);
    rmSync(join(folder, "c.bin"));
    writeFileSync(join(folder, "a.bin"), "A");
    rmSync(join(folder, "sub/b.bin"));
    expect((await codes(check(folder, to))).toSorted()).toEqual(["changed-file", "missing-file"]);
  });
});
