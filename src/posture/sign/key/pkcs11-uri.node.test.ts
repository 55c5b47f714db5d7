import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ModelkeepError } from "../../../base/error/index.ts";
import { isTokenUri, readTokenUri } from "./pkcs11-uri.node.ts";

describe("the name of a key on a token", () => {
  it("is read as RFC 7512 writes it", () => {
    const uri = "pkcs11:token=My%20token;object=signer;type=private;id=%01%aB?module-path=/usr/lib/p11.so&pin-source=/run/pin";
    expect(readTokenUri(uri)).toEqual({
      modulePath: "/usr/lib/p11.so",
      token: "My token",
      label: "signer",
      id: "01ab",
      pinSource: "file:/run/pin",
    });
  });

  it.for([
    ["holds the PIN", "pkcs11:token=a;object=b?module-path=/m&pin-value=hunter2", "holds the PIN itself"],
    ["names no library", "pkcs11:token=a;object=b", "where the token's library is"],
    ["names a library by a relative path", "pkcs11:token=a;object=b?module-path=m.so", "where the token's library is"],
    ["names no token", "pkcs11:object=b?module-path=/m", "which token"],
    ["names no key", "pkcs11:token=a?module-path=/m", "which key"],
    ["names a certificate", "pkcs11:token=a;object=b;type=cert?module-path=/m", "not of a private key"],
    ["says something twice", "pkcs11:token=a;token=c;object=b?module-path=/m", "twice"],
    ["says what is not read here", "pkcs11:token=a;object=b;serial=1?module-path=/m", "not read here"],
    ["is badly encoded", "pkcs11:token=%zz;object=b?module-path=/m", "not well encoded"],
    ["hides a line break", "pkcs11:token=a%0a;object=b?module-path=/m", "not well encoded"],
  ])("is refused when it %s", ([, uri, message]) => {
    expect(() => readTokenUri(uri!)).toThrow(message!);
    expect(() => readTokenUri(uri!)).not.toThrow("hunter2");
  });

  it("is read or refused, whatever is written", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          readTokenUri(`pkcs11:${text}`);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelkeepError);
        }
      }),
    );
  });

  it("is told from a file", () => {
    expect([isTokenUri("pkcs11:token=a"), isTokenUri("signer.pem"), isTokenUri("./pkcs11:x")]).toEqual([true, false, false]);
  });
});
