import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nativeSha256, nativeSigningKey } from "../../base/crypto/index.node.ts";
import { leafHash, noteSigner, signCheckpoint } from "../../base/tlog/index.ts";
import { decodeEntry, encodeEntry } from "./entry.ts";
import { formatFrame, hasSignedFrame, parseFrame, verifyFrameNote } from "./frame.ts";
import { journalName, parseJournalName, parseSetAsideName, setAsideName } from "./paths.ts";

const signer = noteSigner("modelkeep.example/log", nativeSigningKey(new Uint8Array(32).fill(3)));
const head = { origin: signer.name, size: 7, root: new Uint8Array(32).fill(9) };

describe("a journal frame", () => {
  it("brings back what was put in, wherever it stands", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 20 }), fc.nat(50), (entries, before) => {
        const frame = formatFrame(entries, head, signer);
        const journal = Buffer.concat([Buffer.alloc(before), frame, Buffer.from("tail")]);
        const parsed = parseFrame(journal, before)!;
        expect(parsed.end).toBe(before + frame.length);
        expect(parsed.entries.map((entry) => Buffer.from(entry))).toEqual(entries.map((entry) => Buffer.from(entry)));
        expect(verifyFrameNote(parsed.note, [signer])).toEqual(head);
      }),
    );
  });

  it("is no frame when it is cut anywhere, and garbage never crashes the reader", () => {
    const frame = formatFrame([Buffer.from("one"), Buffer.from("two")], head, signer);
    for (let end = 0; end < frame.length; end++) expect(parseFrame(frame.subarray(0, end), 0)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(500), fc.boolean(), (junk, at, marked) => {
        const journal = Buffer.concat([Buffer.from(marked ? "MKF1" : ""), Buffer.from(junk)]);
        parseFrame(journal, marked ? 0 : at);
        expect(hasSignedFrame(journal, 0, [signer])).toBe(false);
      }),
    );
  });

  it("is found behind garbage when it is signed", () => {
    const frame = formatFrame([Buffer.from("one")], head, signer);
    const journal = Buffer.concat([Buffer.from("MKF1 junk MKF1"), frame]);
    expect(hasSignedFrame(journal, 1, [signer])).toBe(true);
    expect(hasSignedFrame(journal, 1, [noteSigner(signer.name, nativeSigningKey(new Uint8Array(32)))])).toBe(false);
  });

  it("signs something that no reader takes for a checkpoint", () => {
    const { note } = parseFrame(formatFrame([Buffer.from("one")], head, signer), 0)!;
    expect(Buffer.from(note).toString("utf8").split("\n")[0]).toBe("modelkeep.dev/audit-frame@v1");
    expect(verifyFrameNote(Buffer.from(signCheckpoint(head, [signer])), [signer])).toBeUndefined();
  });
});

describe("an entry", () => {
  it("has one form however its evidence was written down, and comes back", () => {
    const a = { kind: "key.created", outcome: "done" as const, actor: { principal: "alice", credential: "k" } };
    const b = { actor: { credential: "k", principal: "alice" }, outcome: "done" as const, kind: "key.created" };
    expect(encodeEntry(a, 5).bytes).toEqual(encodeEntry(b, 5).bytes);
    expect(Buffer.from(encodeEntry(a, 5).bytes).toString("utf8")).toBe(
      '{"evidence":{"actor":{"credential":"k","principal":"alice"},"kind":"key.created","outcome":"done"},"format":"modelkeep.audit/1","timeMs":5}',
    );
    expect(decodeEntry(encodeEntry(a, 5).bytes, 3)).toEqual({ index: 3, timeMs: 5, evidence: a });
  });

  it("fits its format and hashes as its bytes do, whatever is in it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), fc.nat(), (detail, requestId, timeMs) => {
        const { bytes, leaf } = encodeEntry({ kind: "x", outcome: "done", requestId, detail: { detail } as never }, timeMs);
        expect(bytes.length).toBeLessThanOrEqual(65_535);
        expect(Buffer.compare(leaf, leafHash(bytes, nativeSha256))).toBe(0);
        expect(decodeEntry(bytes, 0)?.timeMs).toBe(timeMs);
      }),
    );
    const everythingLong = {
      kind: "k".repeat(9e4),
      outcome: "done" as const,
      replay: "é".repeat(9e4),
      versions: { ["v".repeat(9e4)]: "1" },
    };
    expect(encodeEntry(everythingLong, 1).bytes.length).toBeLessThan(65_535);
    const wide = "猫".repeat(1000);
    const figures = Array.from({ length: 30 }, (_, i) => ({ name: wide, unit: wide, value: i }));
    const versions = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i}${wide}`, wide]));
    const { bytes } = encodeEntry({ kind: wide, outcome: "done", figures, versions, replay: wide, requestId: wide }, 1);
    expect(bytes.length).toBeLessThan(65_535);
    expect(decodeEntry(bytes, 0)?.evidence.detail).toMatchObject({ shortened: { digest: expect.stringMatching(/^sha256:/) } });
  });

  it("is not read from bytes that are something else", () => {
    for (const text of [
      "",
      "{}",
      "null",
      "[]",
      '{"evidence":null}',
      '{"evidence":{"kind":1},"format":"modelkeep.audit/1","timeMs":1}',
      "\u0000",
    ]) {
      expect(decodeEntry(Buffer.from(text), 0), text).toBeUndefined();
    }
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void decodeEntry(bytes, 0)));
  });
});

it("names of journals and set-aside files have one spelling", () => {
  expect(parseJournalName(journalName(12))).toBe(12);
  expect(parseSetAsideName(setAsideName(12, 3))).toEqual({ size: 12, count: 3 });
  for (const name of ["12.journal", "0000000000000012.journal.", "x", "9999999999999999.journal"])
    expect(parseJournalName(name)).toBeUndefined();
  for (const name of ["0000000000000012-03.torn", "0000000000000012.torn", "x"]) expect(parseSetAsideName(name)).toBeUndefined();
});
