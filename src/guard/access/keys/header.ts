/** Longest `Authorization` header that is looked at, in characters. Ours have 72. */
const maxLength = 512;

// RFC 9110 §11.4: scheme, then one or more spaces; the scheme is case-insensitive (§11.1). RFC 6750 §2.1: then one b64token.
const bearer = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;
const scheme = /^bearer(?![!#$%&'*+\-.^_`|~0-9A-Za-z])/i; // the whole token of RFC 9110 §5.6.2, not the start of a longer one

/** The bearer token; `"none"` when there is no bearer credential at all; `"malformed"` when there is one that the grammar does not allow. */
export function readBearer(header: string | undefined): { readonly token: string } | "none" | "malformed" {
  if (header === undefined || header === "") return "none";
  if (header.length > maxLength) return "malformed";
  const token = bearer.exec(header)?.[1];
  if (token !== undefined) return { token };
  return scheme.test(header) ? "malformed" : "none";
}
