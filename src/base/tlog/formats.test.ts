import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, fromHex, parseSignerKey, parseVerifierKey, signingKeyFromSeed, toBase64, utf8 } from "../crypto/index.ts";
import { nativeVerify } from "../crypto/index.node.ts";
import { isModelkeepError } from "../error/index.ts";
import {
  createProver,
  createTileTree,
  formatBundle,
  formatProofFile,
  leafHash,
  levelSize,
  noteSigner,
  parseBundle,
  parseCheckpoint,
  parseNote,
  parseProofFile,
  parseTilePath,
  partialTiles,
  readCheckpoint,
  signCheckpoint,
  signNote,
  tilePath,
  tileWidthAt,
  verifyNote,
  verifyProofFile,
} from "./index.ts";

describe("tile paths", () => {
  it.for([
    [{ level: 0, index: 1_234_067, width: 256 }, "tile/0/x001/x234/067"], // the specification's example
    [{ level: 0, index: 0, width: 256 }, "tile/0/000"],
    [{ level: 2, index: 0, width: 1 }, "tile/2/000.p/1"],
    [{ level: "entries" as const, index: 1000, width: 17 }, "tile/entries/x001/000.p/17"],
  ] as const)("of %j is %s", ([tile, path]) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  it("have one spelling", () => {
    for (const path of [
      "tile/0/0",
      "tile/00/000",
      "tile/64/000",
      "tile/0/x000/000",
      "tile/0/000.p/0",
      "tile/0/000.p/256",
      "tile/0/000.p/01",
      "tile/0/001/000",
      "tile/0/../000",
      "tile/data/000",
      "checkpoint",
      "",
    ]) {
      expect(parseTilePath(path), path).toBeUndefined();
    }
  });

  it("name the partial tiles that the specification gives for 70,000 and 256 entries", () => {
    expect(partialTiles(70_000).map(tilePath)).toEqual([
      "tile/entries/273.p/112",
      "tile/0/273.p/112",
      "tile/1/001.p/17",
      "tile/2/000.p/1",
    ]);
    expect(partialTiles(256).map(tilePath)).toEqual(["tile/1/000.p/1"]);
    expect(partialTiles(0)).toEqual([]);
    expect(levelSize(1, 70_000)).toBe(273);
    expect([tileWidthAt(0, 272, 70_000), tileWidthAt(0, 273, 70_000), tileWidthAt(0, 274, 70_000)]).toEqual([256, 112, 0]);
  });

  it("are exact where 32-bit arithmetic is not", () => {
    const size = 2 ** 53 - 1;
    expect(levelSize(6, size)).toBe(31);
    for (const tile of partialTiles(size)) expect(parseTilePath(tilePath(tile))).toEqual(tile);
  });
});

describe("entry bundles", () => {
  it("bring their entries back", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (entries) => {
        expect(parseBundle(formatBundle(entries), entries.length)).toEqual(entries);
      }),
    );
    const largest = new Uint8Array(65_535).fill(7);
    expect(parseBundle(formatBundle([largest]))).toEqual([largest]);
  });

  it("refuse what is too large, cut off, or of another number", () => {
    expect(() => formatBundle([new Uint8Array(65_536)])).toThrow(expect.objectContaining({ code: "tlog/entry-too-large" }));
    const bundle = formatBundle([utf8("one"), utf8("two")]);
    for (let end = 1; end < bundle.length; end++) {
      if (end === 5) continue; // exactly one entry
      expect(() => parseBundle(bundle.subarray(0, end)), `${end}`).toThrow(expect.objectContaining({ code: "tlog/bad-bundle" }));
    }
    expect(() => parseBundle(bundle, 3)).toThrow(/holds 2 entries, not 3/);
  });
});

// golang.org/x/mod/sumdb/note, note_test.go.
const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const peter = parseVerifierKey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
const enoch = parseVerifierKey("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop");
const peterSigned =
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const enochSigned = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

describe("signed notes", () => {
  it("are those that Go's note package signs", () => {
    const { name, key } = parseSignerKey("PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz");
    expect(signNote(text, [noteSigner(name, key)])).toBe(`${text}\n${peterSigned}`);
  });

  it("verify the specification's example", () => {
    const key = parseVerifierKey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    const note =
      "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    expect(verifyNote(note, [key])).toMatchObject({ ok: true, text: "This is an example message.\n" });
  });

  it("need one known signature and no false one", () => {
    const both = `${text}\n${peterSigned}${enochSigned}`;
    expect(verifyNote(both, [peter])).toEqual({ ok: true, text, signedBy: [peter] });
    expect(verifyNote(both, [enoch, peter])).toEqual({ ok: true, text, signedBy: [peter, enoch] });
    expect(verifyNote(both, [])).toMatchObject({ ok: false, reason: /known key/ });
    const forged = both.replace("rwz+eBzm", "rwz+eBzn");
    expect(verifyNote(forged, [peter, enoch])).toMatchObject({ ok: false, reason: /does not verify/ });
    expect(verifyNote(forged, [peter])).toMatchObject({ ok: true });
  });

  it("do not survive any single flipped bit", () => {
    const note = utf8(`${text}\n${peterSigned}`);
    for (let bit = 0; bit < note.length * 8; bit++) {
      const changed = Uint8Array.from(note);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(verifyNote(changed, [peter], nativeVerify).ok, `bit ${bit}`).toBe(false);
    }
  });

  it("are split at the last empty line", () => {
    expect(parseNote(`a\n\nb\n\n${peterSigned}`).text).toBe("a\n\nb\n");
  });

  it("are refused when malformed, and never crash the reader", () => {
    for (const note of [
      "",
      "\n\n",
      `${text}${peterSigned}`,
      `${text}\n${peterSigned.trimEnd()}`,
      `${text}\n- PeterNeumann x08go/Y=\n`,
      `${text}\n— Peter Neumann x08go/Y=\n`,
      `${text}\n— PeterNeumann x08go\n`,
      `a\tb\n\n${peterSigned}`,
      `${text}\n${peterSigned.repeat(101)}`,
      "x".repeat(1_000_001),
    ]) {
      expect(() => parseNote(note)).toThrow(expect.objectContaining({ code: "tlog/bad-note" }));
    }
    expect(verifyNote(Uint8Array.of(0xff), [peter])).toMatchObject({ ok: false });
    fc.assert(fc.property(fc.oneof(fc.string(), fc.uint8Array()), (note) => void verifyNote(note, [peter])));
  });
});

const signer = noteSigner("modelkeep.example/log", signingKeyFromSeed(new Uint8Array(32).fill(7)));

describe("checkpoints", () => {
  // c2sp.org/tlog-checkpoint, the opening example.
  const example = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`;

  it("read the specification's example", () => {
    expect(readCheckpoint(example)).toEqual({
      origin: "example.com/behind-the-sofa",
      size: 20852163,
      root: fromBase64("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="),
    });
  });

  it("come back as they were signed", () => {
    const checkpoint = { origin: signer.name, size: 0, root: fromHex("00".repeat(32)) };
    const note = signCheckpoint(checkpoint, [signer]);
    const verdict = verifyNote(note, [signer]);
    expect(verdict.ok && parseCheckpoint(verdict.text)).toEqual(checkpoint);
  });

  it("pass over extension lines and refuse everything else that differs", () => {
    const root = toBase64(new Uint8Array(32));
    expect(parseCheckpoint(`o\n1\n${root}\nextension\n`)).toMatchObject({ origin: "o", size: 1 });
    for (const text of [
      "",
      `o\n1\n${root}`,
      `\n1\n${root}\n`,
      `o\n01\n${root}\n`,
      `o\n-1\n${root}\n`,
      `o\n9007199254740993\n${root}\n`,
      `o\n1\n${root.slice(4)}\n`,
      "o\n1\n?\n",
      `o\n1\n${root}\n\n`,
    ]) {
      expect(() => parseCheckpoint(text), text).toThrow(expect.objectContaining({ code: "tlog/bad-note" }));
    }
  });
});

describe("proof files", () => {
  async function proofOf(index: number, size: number) {
    const tree = createTileTree();
    for (let i = 0; i < size; i++) tree.append(leafHash(utf8(`entry ${i}`)));
    const prover = createProver(async () => tree.edge()[0]!.bytes, size);
    const checkpoint = signCheckpoint({ origin: signer.name, size, root: tree.frontier().root() }, [signer]);
    return { index, proof: await prover.inclusion(index, size), checkpoint };
  }

  it("prove an entry to whoever has the log's key", async () => {
    const proof = await proofOf(5, 9);
    const file = formatProofFile(proof);
    expect(file.startsWith("c2sp.org/tlog-proof@v1\nindex 5\n")).toBe(true);
    expect(parseProofFile(file)).toEqual(proof);
    expect(verifyProofFile({ file, entry: utf8("entry 5"), key: signer })).toMatchObject({
      ok: true,
      index: 5,
      checkpoint: { size: 9 },
    });
    expect(verifyProofFile({ file, entry: utf8("entry 6"), key: signer })).toMatchObject({ ok: false, reason: /does not stand/ });
    expect(verifyProofFile({ file, entry: utf8("entry 5"), key: peter })).toMatchObject({ ok: false, reason: /known key/ });
  });

  it("carry extra data, which nothing vouches for", async () => {
    const proof = { ...(await proofOf(0, 1)), extra: utf8("context") };
    expect(parseProofFile(formatProofFile(proof))).toEqual(proof);
  });

  it("do not survive any single flipped bit, and garbage never crashes the reader", async () => {
    const file = utf8(formatProofFile(await proofOf(2, 3)));
    for (let bit = 0; bit < file.length * 8; bit++) {
      const changed = Uint8Array.from(file);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(
        verifyProofFile({ file: changed, entry: utf8("entry 2"), key: signer }, { verify: nativeVerify }).ok,
        `bit ${bit}`,
      ).toBe(false);
    }
    fc.assert(
      fc.property(fc.string(), fc.nat(400), (junk, at) => {
        const broken = Buffer.from(file).toString("utf8").slice(0, at) + junk;
        fc.pre(!Buffer.from(file).equals(Buffer.from(broken)));
        expect(verifyProofFile({ file: broken, entry: utf8("entry 2"), key: signer }).ok).toBe(false);
        try {
          parseProofFile(junk);
        } catch (error) {
          expect(isModelkeepError(error)).toBe(true);
        }
      }),
    );
  });

  it("are refused when the key of the log signs for another origin", async () => {
    const { index, proof } = await proofOf(0, 1);
    const checkpoint = signCheckpoint({ origin: "another.example/log", size: 1, root: leafHash(utf8("entry 0")) }, [signer]);
    const file = formatProofFile({ index, proof, checkpoint });
    expect(verifyProofFile({ file, entry: utf8("entry 0"), key: signer })).toEqual({
      ok: false,
      reason: "the checkpoint is of another log",
    });
  });
});
