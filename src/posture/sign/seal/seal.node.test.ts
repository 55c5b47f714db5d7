import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, describe, expect, it } from "vitest";
import { isSealed, openSealed, parseIdentities, sealFile } from "../index.node.ts";
import type { KeyService, SealTo } from "../index.node.ts";

const scratch = mkdtempSync(join(tmpdir(), "modelkeep-seal-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const plain = join(scratch, "model.onnx");
const identity = await generateX25519Identity();
const other = await generateX25519Identity();

async function seal(bytes: Uint8Array, recipients: SealTo[]): Promise<Uint8Array> {
  writeFileSync(plain, bytes);
  await sealFile({ from: plain, to: join(scratch, "model.onnx.age"), recipients, replace: true });
  return new Uint8Array(readFileSync(join(scratch, "model.onnx.age")));
}

/** A service in this process: AES-256-GCM, as a cloud's KMS does it. */
function fakeService(id: string): KeyService {
  const key = randomBytes(32);
  return {
    id,
    async wrap(fileKey) {
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, iv);
      return Buffer.concat([iv, cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
    },
    async unwrap(wrapped) {
      const decipher = createDecipheriv("aes-256-gcm", key, wrapped.subarray(0, 12));
      decipher.setAuthTag(wrapped.subarray(-16));
      return Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()]);
    },
  };
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

describe("a sealed file", () => {
  it.for([0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])(
    "of %i bytes is opened by us and by age's own library",
    async (size) => {
      const bytes = new Uint8Array(randomBytes(size));
      const sealed = await seal(bytes, [await identityToRecipient(identity)]);
      expect(isSealed(sealed)).toBe(true);
      expect(await openSealed(sealed, [identity])).toEqual(bytes);
      const theirs = new Decrypter();
      theirs.addIdentity(identity);
      expect(same(await theirs.decrypt(sealed), bytes)).toBe(true);
      const encrypter = new Encrypter();
      encrypter.addRecipient(await identityToRecipient(identity));
      expect(same(await openSealed(await encrypter.encrypt(bytes), [identity]), bytes)).toBe(true);
    },
  );

  it("is opened by each of its recipients and by nobody else", async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const both = await seal(bytes, [await identityToRecipient(identity), await identityToRecipient(other)]);
    expect(await openSealed(both, [other])).toEqual(bytes);
    const one = await seal(bytes, [await identityToRecipient(identity)]);
    await expect(openSealed(one, [other])).rejects.toMatchObject({
      code: "sign/cannot-open",
      message: expect.stringContaining("to others"),
    });
    await expect(openSealed(one, [])).rejects.toMatchObject({ code: "sign/cannot-open" });
  });

  it("is opened by a key of a service, beside an age recipient", async () => {
    const service = fakeService("keys/models/1");
    const sealed = await seal(new Uint8Array([7]), [service, await identityToRecipient(identity)]);
    expect(await openSealed(sealed, [service])).toEqual(new Uint8Array([7]));
    expect(await openSealed(sealed, [identity])).toEqual(new Uint8Array([7]));
    await expect(openSealed(sealed, [fakeService("keys/models/1")])).rejects.toMatchObject({ code: "sign/cannot-open" });
    await expect(openSealed(sealed, [fakeService("keys/models/2")])).rejects.toMatchObject({ code: "sign/cannot-open" });
  });

  it("is refused whole when any one byte is another, and wherever it is cut", async () => {
    const sealed = await seal(new Uint8Array(randomBytes(70_000)), [await identityToRecipient(identity)]);
    const header = Buffer.from(sealed).indexOf("\n---") + 49;
    const places = [
      ...Array.from({ length: 25 }, (_, at) => Math.floor((at * (header + 40)) / 25)),
      65_000,
      66_000,
      sealed.length - 17,
      sealed.length - 1,
    ];
    for (const at of places) {
      const changed = Uint8Array.from(sealed);
      changed[at]! ^= 1;
      await expect(openSealed(changed, [identity]), `byte ${at}`).rejects.toMatchObject({ code: "sign/cannot-open" });
    }
    const chunkEnd = header + 16 + 65_552;
    for (const length of [
      0,
      10,
      header,
      header + 1,
      header + 16,
      header + 32,
      chunkEnd - 1,
      chunkEnd,
      chunkEnd + 1,
      sealed.length - 1,
    ])
      await expect(openSealed(sealed.slice(0, length), [identity]), `cut at ${length}`).rejects.toMatchObject({
        code: "sign/cannot-open",
      });
    await expect(openSealed(Buffer.concat([sealed, Buffer.alloc(20)]), [identity])).rejects.toMatchObject({
      code: "sign/cannot-open",
    });
  });

  it("is not made for nobody, nor for what is no recipient, and leaves nothing half done", async () => {
    const before = readdirSync(scratch).length;
    await expect(seal(new Uint8Array(1), [])).rejects.toMatchObject({ code: "sign/bad-recipient" });
    await expect(seal(new Uint8Array(1), ["age1nonsense"])).rejects.toMatchObject({ code: "sign/bad-recipient" });
    const to = join(scratch, "model.onnx.age");
    await expect(sealFile({ from: plain, to, recipients: [await identityToRecipient(identity)] })).rejects.toMatchObject({
      code: "EEXIST",
    });
    expect(readdirSync(scratch)).toHaveLength(before);
  });

  it("takes identities as age-keygen writes them", () => {
    expect(parseIdentities(`# created: now\n# public key: age1x\n${identity}\n`)).toEqual([identity]);
    for (const text of ["", "# only\n", "age1x"])
      expect(() => parseIdentities(text)).toThrow(expect.objectContaining({ code: "sign/bad-recipient" }));
  });
});
