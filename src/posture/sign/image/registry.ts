import { digestOf, utf8 } from "../../../base/crypto/index.ts";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";
import { isLoopback } from "./addresses.ts";
import { RegistryHttp, registryError } from "./http.ts";
import type { RegistryAccess } from "./http.ts";
import { descriptorOf, emptyConfig, indexType, manifestType, readIndex } from "./manifest.ts";
import type { Descriptor } from "./manifest.ts";
import type { ImageReference } from "./reference.ts";

/** One repository of a registry (OCI distribution specification 1.1). Whatever it gives is what its digest says, or an error. */
export interface Repository {
  /** @throws `sign/no-such-image`, `sign/registry` */
  manifest(tagOrDigest: string): Promise<StoredManifest>;
  /** The same, or undefined where there is none. */
  findManifest(tagOrDigest: string): Promise<StoredManifest | undefined>;
  /** @throws `sign/registry` */
  blob(descriptor: Descriptor, maxBytes: number): Promise<Uint8Array>;
  putBlob(bytes: Uint8Array, mediaType: string): Promise<Descriptor>;
  /** Under a tag, or under its digest where none is given. */
  putManifest(manifest: object, tag?: string): Promise<Descriptor>;
  /** What refers to a manifest: by the referrers API, and by the tag that stands in for it. */
  referrers(digest: string): Promise<readonly Descriptor[]>;
}

export interface StoredManifest {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

const maxManifestBytes = 4 << 20;
const maxReferrers = 1_000;
const accepted = [
  manifestType,
  indexType,
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
].join(", ");

/**
 * A client for the repository that a reference names.
 * @example
 * const { descriptor } = await openRepository(parseReference("registry.example/app:1")).manifest("1");
 */
export function openRepository(
  { registry, repository }: Pick<ImageReference, "registry" | "repository">,
  access: RegistryAccess = {},
): Repository {
  const hostname = new URL(`http://${registry}`).hostname;
  const scheme = access.allowHttp === true || isLoopback(hostname) ? "http" : "https";
  return new RemoteRepository(new RegistryHttp(new URL(`${scheme}://${registry}`), access), repository, registry);
}

class RemoteRepository implements Repository {
  private readonly http: RegistryHttp;
  private readonly base: string;
  private readonly name: string;

  constructor(http: RegistryHttp, repository: string, registry: string) {
    this.http = http;
    this.base = `/v2/${repository}`;
    this.name = `${registry}/${repository}`;
  }

  async manifest(tagOrDigest: string): Promise<StoredManifest> {
    const found = await this.findManifest(tagOrDigest);
    if (found !== undefined) return found;
    throw new ModelkeepError("sign/no-such-image", {
      message: `${quote(this.name)} has no ${quote(tagOrDigest)}`,
      hint: "check the repository and the digest: `docker buildx imagetools inspect` prints it",
      status: 404,
    });
  }

  async findManifest(tagOrDigest: string): Promise<StoredManifest | undefined> {
    const answer = await this.http.send(`${this.base}/manifests/${tagOrDigest}`, {
      headers: { accept: accepted },
      maxBytes: maxManifestBytes,
    });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw this.refusal(answer.status, "read");
    const digest = digestOf(answer.body);
    if (tagOrDigest.startsWith("sha256:") && digest !== tagOrDigest)
      throw registryError(`${this.name} answers with ${digest} where ${tagOrDigest} was asked for`);
    const mediaType = answer.headers.get("content-type")?.split(";")[0] ?? manifestType;
    return { bytes: answer.body, descriptor: { mediaType, digest, size: answer.body.length } };
  }

  async blob({ digest, size }: Descriptor, maxBytes: number): Promise<Uint8Array> {
    if (size > maxBytes) throw registryError(`a blob of ${size} bytes is more than the ${maxBytes} that are read`);
    const answer = await this.http.send(`${this.base}/blobs/${digest}`, { maxBytes });
    if (answer.status !== 200) throw this.refusal(answer.status, "read");
    if (digestOf(answer.body) !== digest) throw registryError(`${this.name} gives other bytes for ${digest}`);
    return answer.body;
  }

  async putBlob(bytes: Uint8Array, mediaType: string): Promise<Descriptor> {
    const descriptor = descriptorOf(bytes, mediaType);
    const there = await this.http.send(`${this.base}/blobs/${descriptor.digest}`, { method: "HEAD" });
    if (there.status === 200) return descriptor;
    const begun = await this.http.send(`${this.base}/blobs/uploads/`, { method: "POST", headers: { "content-length": "0" } });
    const location = begun.headers.get("location");
    if (begun.status !== 202 || location === null) throw this.refusal(begun.status, "write");
    // An absolute address, or a path of the registry.
    const target = new URL(location, this.http.origin);
    target.searchParams.set("digest", descriptor.digest);
    const done = await this.http.send(target, {
      method: "PUT",
      body: bytes,
      headers: { "content-type": "application/octet-stream" },
    });
    if (done.status !== 201) throw this.refusal(done.status, "write");
    return descriptor;
  }

  async putManifest(manifest: object, tag?: string): Promise<Descriptor> {
    const bytes = utf8(JSON.stringify(manifest));
    const { mediaType, subject, artifactType, annotations } = manifest as ManifestFields;
    const descriptor = descriptorOf(bytes, mediaType);
    const answer = await this.http.send(`${this.base}/manifests/${tag ?? descriptor.digest}`, {
      method: "PUT",
      body: bytes,
      headers: { "content-type": mediaType },
    });
    if (answer.status !== 201) throw this.refusal(answer.status, "write");
    // A registry without the referrers API does not confirm the subject: then the client keeps the list, under a tag.
    if (subject !== undefined && answer.headers.get("oci-subject") !== subject.digest)
      await this.addReferrer(subject.digest, {
        ...descriptor,
        ...(artifactType && { artifactType }),
        ...(annotations && { annotations }),
      });
    return descriptor;
  }

  async referrers(digest: string): Promise<readonly Descriptor[]> {
    const answer = await this.http.send(`${this.base}/referrers/${digest}`, { maxBytes: maxManifestBytes });
    const listed = answer.status === 200 ? readIndex(answer.body) : [];
    const tagged = await this.findManifest(fallbackTag(digest));
    const all = [...listed, ...(tagged === undefined ? [] : readIndex(tagged.bytes))];
    return [...new Map(all.map((one) => [one.digest, one])).values()].slice(0, maxReferrers);
  }

  private async addReferrer(digest: string, referrer: Descriptor): Promise<void> {
    const tag = fallbackTag(digest);
    const before = await this.findManifest(tag);
    const others = (before === undefined ? [] : readIndex(before.bytes)).filter((one) => one.digest !== referrer.digest);
    await this.putManifest({ schemaVersion: 2, mediaType: indexType, manifests: [...others, referrer] }, tag);
  }

  private refusal(status: number, what: "read" | "write"): ModelkeepError {
    const word = status === 401 || status === 403 ? "does not let us" : `answers ${status} when asked to`;
    return registryError(`${this.name} ${word} ${what}`);
  }
}

interface ManifestFields {
  readonly mediaType: string;
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The tag that stands in for the referrers API (distribution specification 1.1, "Unavailable Referrers API"). */
const fallbackTag = (digest: string): string => digest.replace(":", "-");

/** Puts the configuration that artefacts without one name. */
export async function putEmptyConfig(repository: Repository): Promise<Descriptor> {
  return repository.putBlob(emptyConfig, "application/vnd.oci.empty.v1+json");
}
