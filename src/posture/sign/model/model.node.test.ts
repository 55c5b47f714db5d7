import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { issue } from "../../../../test/helpers/authority.ts";
import type { CertificateWish, Issued } from "../../../../test/helpers/authority.ts";
import { parsePublicKey, pemSigner, readTrustPolicy, signModel, verifyModel } from "../index.node.ts";
import type { Signer, VerifyModelOptions } from "../index.node.ts";
import { compareNames } from "./paths.ts";

const scratch = mkdtempSync(join(tmpdir(), "modelkeep-sign-"));
afterAll(() => rmSync(scratch, { recursive: true }));

let count = 0;
let model = "";
const nowMs = Date.parse("2026-06-15T12:00:00Z");
const key = newKey();
const stranger = newKey();

function newKey(namedCurve = "P-256") {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve });
  const pem = publicKey.export({ type: "spki", format: "pem" }) as string;
  return { pem, signer: pemSigner({ privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) }) };
}

beforeEach(() => {
  model = join(scratch, `m${count++}`, "digits");
  mkdirSync(join(model, "weights"), { recursive: true });
  writeFileSync(join(model, "model.onnx"), "graph");
  writeFileSync(join(model, "weights", "0.bin"), "first");
  writeFileSync(join(model, "weights", "1.bin"), "");
});

const sign = (signer: Signer = key.signer, more: object = {}) => signModel({ path: model, signer, ...more });

/** The codes, each with its path, that stand against the model. */
async function against(policy: string, more: Partial<VerifyModelOptions> = {}): Promise<string[]> {
  const file = join(model, "..", "trust.yaml");
  writeFileSync(file, policy);
  const verdict = await verifyModel({ path: model, policy: await readTrustPolicy(file), nowMs, ...more });
  expect(verdict.ok).toBe(verdict.reasons.length === 0);
  return verdict.reasons.map(({ code, path }) => (path === undefined ? code : `${code} ${path}`)).toSorted();
}

const indented = (pem: string) => pem.trim().replaceAll("\n", "\n      ");
const policyOf = (pem: string, more = "") => `version: 1\nsigners:\n  - name: team\n    key: |\n      ${indented(pem)}\n${more}`;
const trusted = policyOf(key.pem);

describe("a signed model", () => {
  it("verifies, moved and renamed, and tells who signed what", async () => {
    const signed = await sign();
    expect(signed).toMatchObject({ files: 3, sizeBytes: 10, method: "key", signature: join(model, "model.sig") });
    const file = join(model, "..", "trust.yaml");
    writeFileSync(file, trusted);
    const verdict = await verifyModel({ path: model, policy: await readTrustPolicy(file), nowMs });
    expect(verdict).toMatchObject({ ok: true, digest: signed.digest, files: 3, signer: { signer: "team", method: "key" } });
    expect(verdict.signer?.fingerprints).toEqual([parsePublicKey(key.pem).fingerprint]);
  });

  it("names every file that is missing, new, changed, or cut, all at once", async () => {
    await sign();
    writeFileSync(join(model, "model.onnx"), "graqh");
    writeFileSync(join(model, "weights", "1.bin"), "no longer empty");
    rmSync(join(model, "weights", "0.bin"));
    writeFileSync(join(model, "weights", "2.bin"), "");
    expect(await against(trusted)).toEqual([
      "changed-file model.onnx",
      "changed-file weights/1.bin",
      "extra-file weights/2.bin",
      "missing-file weights/0.bin",
    ]);
    expect(await against(trusted, { allowExtra: true })).not.toContain("extra-file weights/2.bin");
  });

  it("is refused when nobody signed it, when someone else did, and when the bundle is no bundle", async () => {
    expect(await against(trusted)).toEqual(["no-signature"]);
    await sign(stranger.signer);
    expect(await against(trusted)).toEqual(["wrong-signer"]);
    writeFileSync(join(model, "model.sig"), "{}");
    expect(await against(trusted)).toEqual(["malformed-bundle"]);
  });

  it("is refused under a forged hint as what it is: a bad signature", async () => {
    await sign(stranger.signer);
    const path = join(model, "model.sig");
    const bundle = JSON.parse(readFileSync(path, "utf8"));
    bundle.verificationMaterial.publicKey.hint = parsePublicKey(key.pem).hint;
    writeFileSync(path, JSON.stringify(bundle));
    expect(await against(trusted)).toEqual(["bad-signature"]);
  });

  it.for([
    ["expires: 2026-06-14", ["expired"]],
    ["expires: 2026-06-15", []],
    ["expires: 2026-06-15T11:59:59Z", ["expired"]],
    ["from: 2026-06-16", ["not-yet-valid"]],
    ["from: 2026-06-15", []],
    ["scope: [fraud-*, spam]", ["out-of-scope"]],
    ["scope: dig*", []],
    ["{}: 1", undefined],
  ] as const)("with %s in the policy gives %j", async ([rule, expected]) => {
    await sign();
    if (expected === undefined)
      await expect(against(policyOf(key.pem, `    ${rule}\n`))).rejects.toMatchObject({ code: "sign/bad-policy" });
    else expect(await against(policyOf(key.pem, `    ${rule}\n`))).toEqual(expected);
  });

  it("is refused when its key, its root digest or one of its files is revoked, and the reason is told", async () => {
    const { digest, key: fingerprint } = await sign();
    const bundle = JSON.parse(readFileSync(join(model, "model.sig"), "utf8"));
    const statement = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, "base64").toString());
    const file = `sha256:${statement.predicate.resources[1].digest}`;
    for (const one of [digest, fingerprint, file]) {
      expect(await against(policyOf(key.pem, `revoked:\n  - { digest: "${one}", reason: leaked }\n`))).toEqual(["revoked"]);
    }
    expect(await against(policyOf(key.pem, `revoked: ["sha256:${"0".repeat(64)}"]\n`))).toEqual([]);
  });

  it("is believed when one of several signers is good, and otherwise says what is wrong with the nearest", async () => {
    await sign();
    const other = `  - { name: other, key: ${JSON.stringify(stranger.pem)} }\n`;
    expect(await against(policyOf(key.pem, other))).toEqual([]);
    expect(await against(policyOf(key.pem, `    expires: 2020-01-01\n${other}`))).toEqual(["expired"]);
  });

  it("is one file, too: alone, or out of a signed folder", async () => {
    const single = join(model, "model.onnx");
    await signModel({ path: single, signer: key.signer });
    expect(await against(trusted, { path: single })).toEqual([]);
    writeFileSync(single, "other");
    expect((await against(trusted, { path: single })).map((one) => one.split(" ")[0])).toEqual(["changed-file"]);
    rmSync(`${single}.sig`);
    writeFileSync(single, "graph");
    await sign();
    expect(await against(trusted, { path: single })).toEqual([]);
    writeFileSync(join(model, "other.onnx"), "graph");
    expect(await against(trusted, { path: join(model, "other.onnx") })).toEqual(["extra-file other.onnx"]);
  });

  it("leaves out what it was told to and what version control left, on both sides", async () => {
    mkdirSync(join(model, ".git"));
    writeFileSync(join(model, ".git", "HEAD"), "ref");
    writeFileSync(join(model, "notes.md"), "one");
    const signed = await sign(key.signer, { ignore: ["notes.md", "weights/"] });
    expect(signed.files).toBe(1);
    writeFileSync(join(model, "notes.md"), "two");
    writeFileSync(join(model, "weights", "9.bin"), "new");
    expect(await against(trusted)).toEqual([]);
    writeFileSync(join(model, "weights.bin"), "new");
    expect(await against(trusted)).toEqual(["extra-file weights.bin"]);
  });

  it.for(["*.md", "/etc", "../up", "", "a/../../b"])("takes no rule such as %j", async (rule) => {
    await expect(sign(key.signer, { ignore: [rule] })).rejects.toMatchObject({ code: "sign/bad-path", exit: 4 });
  });

  it("is not signed with links in it unless that is asked, and then verified only if that is asked again", async () => {
    writeFileSync(join(scratch, `outside${count}`), "far");
    symlinkSync(join(scratch, `outside${count}`), join(model, "link"));
    await expect(sign()).rejects.toMatchObject({ code: "sign/bad-path" });
    await sign(key.signer, { allowSymlinks: true });
    expect(await against(trusted)).toEqual(["symlink link"]);
    expect(await against(trusted, { allowSymlinks: true })).toEqual([]);
    rmSync(join(model, "link"));
    symlinkSync("..", join(model, "link"));
    await expect(sign(key.signer, { allowSymlinks: true })).rejects.toMatchObject({ code: "sign/bad-path" });
  });

  it("is not a signature's file swapped for a link", async () => {
    await sign();
    writeFileSync(join(scratch, "same"), "graph");
    rmSync(join(model, "model.onnx"));
    symlinkSync(join(scratch, "same"), join(model, "model.onnx"));
    expect(await against(trusted)).toEqual(["symlink model.onnx"]);
  });

  it("without a file is not signed", async () => {
    rmSync(model, { recursive: true });
    mkdirSync(model);
    await expect(sign()).rejects.toMatchObject({ code: "sign/empty", exit: 3 });
  });

  it("lists files in the order of code points, whatever UTF-16 thinks", () => {
    expect(["\u{1f600}", "\uffee", "a/b", "a.b", "a"].toSorted(compareNames)).toEqual(["a", "a.b", "a/b", "\uffee", "\u{1f600}"]);
  });
});

describe("a model in many files", () => {
  const shards = 257;
  const name = (i: number): string => `model-${String(i).padStart(5, "0")}-of-${String(shards).padStart(5, "0")}.safetensors`;

  it("is one model: its index and each shard are signed, and any one that is another, or gone, or new is named", async () => {
    const map = Object.fromEntries(Array.from({ length: shards }, (_, i) => [`layer.${i}`, name(i)]));
    writeFileSync(join(model, "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
    for (let i = 0; i < shards; i++) writeFileSync(join(model, name(i)), `shard ${i}`);
    expect((await sign()).files).toBe(shards + 4);
    expect(await against(trusted)).toEqual([]);
    writeFileSync(join(model, name(100)), "shard 101");
    rmSync(join(model, name(256)));
    writeFileSync(join(model, "model-99999-of-00257.safetensors"), "more");
    expect(await against(trusted)).toEqual([
      `changed-file ${name(100)}`,
      "extra-file model-99999-of-00257.safetensors",
      `missing-file ${name(256)}`,
    ]);
  });

  it("that swaps two shards is another", async () => {
    for (const i of [0, 1]) writeFileSync(join(model, name(i)), `shard ${i}`);
    await sign();
    for (const i of [0, 1]) writeFileSync(join(model, name(i)), `shard ${1 - i}`);
    expect(await against(trusted)).toEqual([`changed-file ${name(0)}`, `changed-file ${name(1)}`]);
  });
});

describe("a model signed under certificates", () => {
  const root = issue({ name: "root", authority: true });
  const middle = issue({ name: "middle", issuer: root, authority: true, pathLength: 0 });
  const leafOf = (wish: Partial<CertificateWish> = {}) =>
    issue({ name: "release", issuer: middle, mail: "release@example.com", ...wish });
  const signerOf = (leaf: Issued, ...issuers: Issued[]) =>
    pemSigner({
      privateKey: leaf.key.export({ type: "pkcs8", format: "pem" }),
      certificates: [leaf, ...issuers].map(({ pem }) => pem).join(""),
    });
  const rooted = (more = "") => `version: 1\nsigners:\n  - name: team\n    roots: |\n      ${indented(root.pem)}\n${more}`;

  it("verifies against the root, by name", async () => {
    await sign(signerOf(leafOf({ curve: "P-384" }), middle));
    expect(await against(rooted())).toEqual([]);
    expect(await against(rooted("    identity: '*@example.com'\n"))).toEqual([]);
    expect(await against(rooted("    identity: root@example.com\n"))).toEqual(["wrong-signer"]);
  });

  it.for<[string, () => Signer, string[]]>([
    ["a missing issuer", () => signerOf(leafOf()), ["untrusted-certificate"]],
    [
      "another root",
      () => signerOf(issue({ name: "release", issuer: issue({ name: "root", authority: true }) })),
      ["untrusted-certificate"],
    ],
    ["an expired certificate", () => signerOf(leafOf({ until: "260101" }), middle), ["expired"]],
    ["a certificate of tomorrow", () => signerOf(leafOf({ from: "270101" }), middle), ["not-yet-valid"]],
    ["a certificate that may not sign", () => signerOf(leafOf({ keyUsage: 0x20 }), middle), ["untrusted-certificate"]],
    [
      "an issuer that is no authority",
      () => signerOf(issue({ name: "x", issuer: leafOf() }), leafOf(), middle),
      ["untrusted-certificate"],
    ],
    [
      "a path longer than its issuer allows",
      () => {
        const deep = issue({ name: "deep", issuer: middle, authority: true });
        return signerOf(issue({ name: "x", issuer: deep }), deep, middle);
      },
      ["untrusted-certificate"],
    ],
    [
      "a critical extension that nobody knows",
      () => signerOf(leafOf({ criticalOid: "2a0304" }), middle),
      ["untrusted-certificate"],
    ],
  ])("is refused for %s", async ([, signer, expected]) => {
    await sign(signer());
    expect(await against(rooted())).toEqual(expected);
  });

  it("is refused where it carries a timestamp that nobody verifies, and not taken as if there were none", async () => {
    const signed = [signerOf(leafOf(), middle), key.signer];
    for (const [i, policy] of [rooted(), trusted].entries()) {
      await sign(signed[i]!);
      const file = join(model, "model.sig");
      const bundle = JSON.parse(readFileSync(file, "utf8"));
      const stamped = (rfc3161Timestamps: object[]) => {
        bundle.verificationMaterial.timestampVerificationData = { rfc3161Timestamps };
        writeFileSync(file, JSON.stringify(bundle));
      };
      stamped([]);
      expect(await against(policy)).toEqual([]);
      stamped([{ signedTimestamp: "AAAA" }]);
      expect(await against(policy)).toEqual(["bad-transparency"]);
    }
  });

  it("is refused when any certificate on its path is revoked", async () => {
    await sign(signerOf(leafOf(), middle));
    const { createHash } = await import("node:crypto");
    const digest = createHash("sha256").update(middle.der).digest("hex");
    expect(await against(rooted(`revoked: ["${digest}"]\n`))).toEqual(["revoked"]);
  });

  it("is not signed with a certificate of another key", () => {
    const privateKey = leafOf().key.export({ type: "pkcs8", format: "pem" });
    expect(() => pemSigner({ privateKey, certificates: root.pem })).toThrow(
      expect.objectContaining({ code: "sign/bad-certificate" }),
    );
  });
});
