import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  commit,
  createSha256,
  deriveSalt,
  digestOf,
  formatSignerKey,
  formatVerifierKey,
  fromHex,
  nativeCommit,
  nativeSaltDeriver,
  nativeSha256,
  nativeSigningKey,
  nativeVerify,
  opens,
  parseDigest,
  parseSignerKey,
  parseVerifierKey,
  sha256,
  signingKeyFromPem,
  signingKeyFromSeed,
  toHex,
  utf8,
  verifyEd25519,
} from "./index.node.ts";

describe("SHA-256", () => {
  // FIPS 180-4 examples.
  it.for([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
  ])("of %j is the standard's, in JavaScript and in OpenSSL, whole and piecewise", ([text, hex]) => {
    expect(toHex(sha256(utf8(text!)))).toBe(hex);
    expect(toHex(nativeSha256(utf8(text!)))).toBe(hex);
    const pieces = createSha256();
    for (const char of text!) pieces.update(utf8(char));
    expect(toHex(pieces.digest())).toBe(hex);
    expect(digestOf(utf8(text!))).toBe(`sha256:${hex}`);
    expect(parseDigest(`sha256:${hex}`)).toEqual(fromHex(hex!));
  });

  it("is not read from text in another form", () => {
    for (const text of ["sha256:", `sha256:${"A".repeat(64)}`, `sha512:${"a".repeat(64)}`])
      expect(parseDigest(text)).toBeUndefined();
  });
});

// RFC 8032, section 7.1: secret key, public key, message, signature.
const vectors = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
] as const;

describe.each([
  { name: "JavaScript", make: signingKeyFromSeed, verify: verifyEd25519 },
  { name: "OpenSSL", make: nativeSigningKey, verify: nativeVerify },
])("Ed25519 in $name", ({ make, verify }) => {
  it.for(vectors)("signs and verifies RFC 8032's vector %#", ([seed, publicKey, message, signature]) => {
    const key = make(fromHex(seed));
    expect(toHex(key.publicKey)).toBe(publicKey);
    expect(toHex(key.sign(fromHex(message)))).toBe(signature);
    expect(verify(fromHex(publicKey), fromHex(message), fromHex(signature))).toBe(true);
  });

  it("refuses every single flipped bit of key, message and signature", () => {
    const [, publicKey, message, signature] = vectors[1].map(fromHex) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const parts = [publicKey, message, signature] as const;
    for (const [which, part] of parts.entries()) {
      for (let bit = 0; bit < part.length * 8; bit += make === nativeSigningKey ? 1 : 7) {
        const changed = parts.map((bytes) => Uint8Array.from(bytes)) as [Uint8Array, Uint8Array, Uint8Array];
        changed[which]![bit >> 3]! ^= 1 << (bit & 7);
        expect(verify(...changed), `part ${which} bit ${bit}`).toBe(false);
      }
    }
  });

  it("takes no second form of a signature, nor one of another length", () => {
    const [, publicKey, message, signature] = vectors[1].map(fromHex) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    // S + L is the same scalar: RFC 8032, 5.1.7 asks for 0 ≤ S < L.
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${toHex(signature.slice(32).reverse())}`) + order;
    const other = Uint8Array.from(signature);
    other.set(fromHex(s.toString(16).padStart(64, "0")).reverse(), 32);
    expect(verify(publicKey, message, other)).toBe(false);
    expect(verify(publicKey, message, signature.subarray(1))).toBe(false);
    expect(verify(publicKey.subarray(1), message, signature)).toBe(false);
  });

  it("refuses a seed of another length", () => {
    expect(() => make(new Uint8Array(31))).toThrow(expect.objectContaining({ code: "crypto/bad-key" }));
  });
});

describe("key strings of notes", () => {
  const published = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"; // c2sp.org/signed-note, "Example"

  it("reads and writes the published verifier key", () => {
    const key = parseVerifierKey(published);
    expect(key).toMatchObject({ name: "example.com/foo", id: "530d903a" });
    expect(formatVerifierKey(key)).toBe(published);
  });

  it("brings a signer key back, and it signs as its seed does", () => {
    const seed = fromHex(vectors[0][0]);
    const { name, key } = parseSignerKey(formatSignerKey("modelkeep.example/log", seed), nativeSigningKey);
    expect(name).toBe("modelkeep.example/log");
    expect(toHex(key.sign(utf8("")))).toBe(vectors[0][3]);
  });

  it("notices any changed character of a key string", () => {
    const signer = formatSignerKey("n", fromHex(vectors[0][0]));
    for (const [text, parse] of [
      [published, parseVerifierKey],
      [signer, parseSignerKey],
    ] as const) {
      for (let at = 0; at < text.length; at++) {
        const changed = `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
        expect(() => parse(changed), changed).toThrow(expect.objectContaining({ code: "crypto/bad-key" }));
      }
    }
  });

  it("refuses names that a note cannot carry", () => {
    for (const name of ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u0000b", "\ud800"]) {
      expect(() => formatSignerKey(name, fromHex(vectors[0][0])), name).toThrow(/key name/);
    }
  });

  it("never crashes on garbage", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const parse of [parseVerifierKey, parseSignerKey]) {
          try {
            parse(text);
          } catch (error) {
            expect(error).toMatchObject({ code: "crypto/bad-key" });
          }
        }
      }),
    );
  });
});

describe("PEM keys", () => {
  // The private key of RFC 8410, section 10.3.
  const pem =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";

  it("reads the RFC's key", () => {
    expect(toHex(signingKeyFromPem(pem).publicKey)).toBe("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
  });

  it("says what is wrong with another one", () => {
    expect(() => signingKeyFromPem("junk")).toThrow(/PEM/);
    const x25519 =
      "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    expect(() => signingKeyFromPem(x25519)).toThrow(/type x25519, not ed25519/);
  });
});

describe("commitments", () => {
  const secret = utf8("a secret that only the operator holds");

  it("open with the same salt and bytes, however the bytes are cut, and with nothing else", () => {
    const salt = deriveSalt(secret, "request-1", "input");
    const commitment = commit(salt, utf8("ab"), utf8("c"));
    expect(opens(commitment, salt, utf8("abc"))).toBe(true);
    expect(opens(commitment, salt, utf8("abd"))).toBe(false);
    expect(opens(commitment, deriveSalt(secret, "request-2", "input"), utf8("abc"))).toBe(false);
    expect(opens("hmac-sha256:00", salt, utf8("abc"))).toBe(false);
  });

  it("draw different salts for different contexts, also when their parts join to the same text", () => {
    expect(deriveSalt(secret, "ab", "c")).not.toEqual(deriveSalt(secret, "a", "bc"));
    expect(deriveSalt(secret, "a")).not.toEqual(deriveSalt(secret, "a", ""));
  });

  it("are the same in JavaScript and in OpenSSL", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (bytes, context) => {
        const salt = deriveSalt(secret, context);
        expect(nativeSaltDeriver(secret)(context)).toEqual(salt);
        expect(nativeCommit(salt, bytes)).toBe(commit(salt, bytes));
      }),
      { numRuns: 30 },
    );
  });

  it("are RFC 4231's HMAC-SHA-256 (test case 2)", () => {
    expect(commit(utf8("Jefe"), utf8("what do ya want for nothing?"))).toBe(
      "hmac-sha256:5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });
});
