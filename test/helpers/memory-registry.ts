/** A registry in memory behind `fetch`: blobs, manifests, tags, tokens, and the referrers API where it is asked for. */
import { createHash } from "node:crypto";

export interface MemoryRegistry {
  readonly fetch: typeof globalThis.fetch;
  readonly blobs: Map<string, Buffer>;
  /** By digest and by tag. */
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly type: string }>;
  /** Every request, as `METHOD url`. */
  readonly log: string[];
  put(manifest: object): string;
}

export interface MemoryRegistryOptions {
  readonly referrers?: boolean;
  /** Ask for a token of this service first. */
  readonly realm?: string;
  /** Blobs are sent on to this address. */
  readonly redirect?: string;
}

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

export function memoryRegistry({ referrers = false, realm, redirect }: MemoryRegistryOptions = {}): MemoryRegistry {
  const blobs = new Map<string, Buffer>();
  const manifests: MemoryRegistry["manifests"] = new Map();
  const log: string[] = [];
  const put = (bytes: Buffer, type: string, name = digestOf(bytes)): void => {
    manifests.set(digestOf(bytes), { bytes, type });
    manifests.set(name, { bytes, type });
  };
  const json = (value: object, init: ResponseInit = {}): Response => new Response(JSON.stringify(value), init);

  const answer = (method: string, url: URL, body: Buffer, headers: Headers): Response => {
    const [, kind, name = ""] = /\/(manifests|blobs|referrers)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === "manifests" && method === "PUT") {
      put(body, headers.get("content-type") ?? "", name);
      const { subject } = JSON.parse(body.toString()) as { subject?: { digest: string } };
      const confirmed = referrers && subject !== undefined ? { "oci-subject": subject.digest } : undefined;
      return new Response(null, { status: 201, ...(confirmed && { headers: confirmed }) });
    }
    if (kind === "manifests") {
      const found = manifests.get(name);
      return found === undefined
        ? new Response(null, { status: 404 })
        : new Response(new Uint8Array(found.bytes), { headers: { "content-type": found.type } });
    }
    if (kind === "referrers") {
      if (!referrers) return new Response(null, { status: 404 });
      const all = [...manifests].filter(([key]) => key.startsWith("sha256:")).map(([digest, { bytes }]) => ({ digest, bytes }));
      const listed = all.flatMap(({ digest, bytes }) => {
        const {
          subject,
          artifactType,
          mediaType = "",
        } = JSON.parse(bytes.toString()) as Record<string, never> & { subject?: { digest: string } };
        return subject?.digest === name ? [{ mediaType, digest, size: bytes.length, artifactType }] : [];
      });
      return json({ schemaVersion: 2, manifests: listed });
    }
    if (kind === "blobs" && method === "POST")
      return new Response(null, { status: 202, headers: { location: "/v2/upload/1?state=x" } });
    if (url.pathname === "/v2/upload/1" && method === "PUT") {
      blobs.set(url.searchParams.get("digest")!, body);
      return new Response(null, { status: 201 });
    }
    if (redirect !== undefined && method === "GET") return new Response(null, { status: 307, headers: { location: redirect } });
    const blob = blobs.get(name);
    return blob === undefined
      ? new Response(null, { status: 404 })
      : new Response(method === "HEAD" ? null : new Uint8Array(blob));
  };

  return {
    blobs,
    manifests,
    log,
    put(manifest) {
      const bytes = Buffer.from(JSON.stringify(manifest));
      put(bytes, "application/vnd.oci.image.manifest.v1+json");
      return digestOf(bytes);
    },
    fetch: async (input, init = {}) => {
      const url = new URL(String(input));
      const method = init.method ?? "GET";
      const headers = new Headers(init.headers);
      log.push(`${method} ${url.href}${headers.has("authorization") ? " authorized" : ""}`);
      if (realm !== undefined && url.href.startsWith(realm)) return json({ token: "t0ken" });
      if (realm !== undefined && headers.get("authorization") !== "Bearer t0ken") {
        const challenge = `Bearer realm="${realm}",service="registry",scope="repository:app:pull,push"`;
        return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
      }
      return answer(method, url, Buffer.from((init.body as Uint8Array | undefined) ?? []), headers);
    },
  };
}
