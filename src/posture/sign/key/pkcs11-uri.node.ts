/** A key on a token, named as RFC 7512 names it: `pkcs11:token=keep;object=signer?module-path=/usr/lib/…/libsofthsm2.so`. */
import { quote } from "../../../base/error/index.ts";
import { badKey } from "./public-key.node.ts";

export interface TokenKey {
  /** The library that speaks to the token. */
  readonly modulePath: string;
  readonly token: string;
  /** The key's label, its id in hexadecimal, or both. */
  readonly label?: string;
  readonly id?: string;
  /** Where the PIN lies: a reference to a secret. */
  readonly pinSource?: string;
}

export const isTokenUri = (text: string): boolean => /^pkcs11:/i.test(text);

/**
 * @throws `sign/bad-key` for what is no such name, or holds the PIN itself
 * @example
 * readTokenUri("pkcs11:token=keep;object=signer?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/pin").label; // "signer"
 */
export function readTokenUri(uri: string): TokenKey {
  const [path = "", query = ""] = uri.slice("pkcs11:".length).split("?");
  const given = new Map<string, string>();
  for (const part of [...path.split(";"), ...query.split("&")]) {
    if (part === "") continue;
    const [name, value] = [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)];
    if (!part.includes("=") || !known.has(name)) throw refused(`has ${quote(name || part)}, which is not read here`);
    if (name === "pin-value") throw refused("holds the PIN itself: others see it");
    if (given.has(name)) throw refused(`says ${quote(name)} twice`);
    given.set(name, name === "id" ? hexOf(value) : decoded(value));
  }
  const [modulePath, token, label, id, pinSource] = ["module-path", "token", "object", "id", "pin-source"].map((name) =>
    given.get(name),
  );
  if (given.get("type") !== undefined && given.get("type") !== "private") throw refused("is not of a private key");
  if (modulePath === undefined || !modulePath.startsWith("/")) throw refused("does not say where the token's library is");
  if (token === undefined || token === "") throw refused("does not say which token");
  if (label === undefined && id === undefined) throw refused("does not say which key of the token");
  return {
    modulePath,
    token,
    ...(label !== undefined && { label }),
    ...(id !== undefined && { id }),
    ...(pinSource !== undefined && { pinSource: pinSource.startsWith("/") ? `file:${pinSource}` : pinSource }),
  };
}

const known = new Set(["token", "object", "id", "type", "module-path", "pin-source", "pin-value"]);

function decoded(text: string): string {
  try {
    const value = decodeURIComponent(text);
    // oxlint-disable-next-line no-control-regex -- that is what is looked for
    if (/[\u0000-\u001f\u007f]/.test(value)) throw new Error("a control character");
    return value;
  } catch {
    throw refused("is not well encoded");
  }
}

/** `%01%02`, or bytes that need no escape. */
function hexOf(text: string): string {
  const bytes = [...text.matchAll(/%([0-9a-fA-F]{2})|([A-Za-z0-9._~-])/g)];
  if (text === "" || bytes.map(([all]) => all).join("") !== text) throw refused("has an id that is not well encoded");
  return bytes.map(([, hex, plain]) => (hex ?? plain!.codePointAt(0)!.toString(16).padStart(2, "0")).toLowerCase()).join("");
}

const refused = (why: string) =>
  badKey(why, "for example pkcs11:token=keep;object=signer?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/pin");
