import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { issue } from "../../../test/helpers/authority.ts";
import { isModelkeepError } from "../../base/error/index.ts";
import { certificateUse } from "./certificate/extensions.ts";
import {
  openSealed,
  parseBundle,
  parseEnvelope,
  parsePublicKey,
  parseStatement,
  parseTrustPolicy,
  readCertificates,
  readManifest,
  verifyChain,
} from "./index.node.ts";

const fixtures = join(import.meta.dirname, "../../../test/fixtures/sign/model-transparency");
const bundle = readFileSync(join(fixtures, "v1.1.0-certificate/model.sig"));
const pem = readFileSync(join(fixtures, "keys/ca-cert.pem"));
const root = issue({ name: "root", authority: true });
const policy = Buffer.from(
  `version: 1\nsigners:\n  - { name: a, key: k.pem, scope: ["*"], expires: 2030-01-01 }\nrevoked: ["${"0".repeat(64)}"]\n`,
);
const aged = Buffer.from(
  `age-encryption.org/v1\n-> X25519 ${"A".repeat(43)}\n${"B".repeat(43)}\n--- ${"C".repeat(43)}\n${"x".repeat(60)}`,
);
const envelope = Buffer.from(JSON.stringify(JSON.parse(bundle.toString()).dsseEnvelope));

/** Every parser of what strangers send, with something good to start from. */
const parsers: readonly { readonly name: string; readonly good: Uint8Array; parse(bytes: Uint8Array): unknown }[] = [
  { name: "bundle", good: bundle, parse: parseBundle },
  { name: "envelope", good: envelope, parse: parseEnvelope },
  {
    name: "statement and manifest",
    good: parseEnvelope(envelope).payload,
    parse: (payload) => readManifest(parseStatement({ payloadType: "application/vnd.in-toto+json", payload })),
  },
  { name: "policy", good: policy, parse: (bytes) => parseTrustPolicy(bytes, "trust.yaml") },
  { name: "certificates in PEM", good: pem, parse: readCertificates },
  { name: "certificate in DER", good: root.der, parse: certificateUse },
  { name: "public key", good: readFileSync(join(fixtures, "keys/signing-key-pub.pem")), parse: parsePublicKey },
  { name: "sealed file", good: aged, parse: (bytes) => openSealed(bytes, []) },
];

/** Good bytes with some of them changed, taken out, doubled or cut off. */
const damaged = (good: Uint8Array) =>
  fc
    .array(fc.record({ at: fc.nat(good.length - 1), byte: fc.nat(255), how: fc.constantFrom("set", "drop", "double", "cut") }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((changes) => {
      let bytes = [...good];
      for (const { at, byte, how } of changes) {
        if (how === "set") bytes[at % Math.max(1, bytes.length)] = byte;
        else if (how === "drop") bytes.splice(at, 1 + (byte % 8));
        else if (how === "double") bytes.splice(at, 0, ...bytes.slice(at, at + byte));
        else bytes = bytes.slice(0, at);
      }
      return Uint8Array.from(bytes);
    });

const nested = (depth: number) => Buffer.from(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);

describe.for(parsers)("the parser of a $name", ({ good, parse }) => {
  const refusesWell = async (bytes: Uint8Array) => {
    try {
      await parse(bytes);
    } catch (error) {
      expect(isModelkeepError(error), String(error)).toBe(true);
    }
  };

  it("answers damage with a value or with an error that says what is wrong", async () => {
    await fc.assert(fc.asyncProperty(damaged(good), refusesWell), { numRuns: 300 });
  });

  it("answers noise, nothing, and nesting without end the same way", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), refusesWell), { numRuns: 100 });
    for (const bytes of [
      new Uint8Array(),
      nested(100_000),
      Buffer.from("[".repeat(100_000)),
      Buffer.alloc(5000, 0x30),
      Buffer.alloc(5000, 0x80),
    ])
      await refusesWell(bytes);
  });
});

describe("a chain of damaged certificates", () => {
  it("is refused with reasons, never with an exception", () => {
    const leaf = issue({ name: "leaf", issuer: root });
    fc.assert(
      fc.property(damaged(leaf.der), (der) => {
        const verdict = verifyChain({ certificates: [der], roots: [root.der], nowMs: Date.parse("2026-01-01") });
        expect(verdict.ok && Buffer.compare(der, leaf.der) !== 0).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
