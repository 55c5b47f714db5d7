import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

/** The parts of an image's name, each checked. */
export interface ImageReference {
  /** Host, with a port where one is named: where requests go. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:<hex>`: what a signature speaks of. */
  readonly digest: string | undefined;
  /** `registry/repository` as people write it: what scopes of a policy are matched against. */
  readonly name: string;
}

const host = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,253}[a-zA-Z0-9])?|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/;
const path = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/;

/**
 * A name as the distribution specification and Docker write it: `app` alone is `docker.io/library/app`.
 * @throws `sign/bad-reference`
 * @example
 * parseReference("localhost:5000/app@sha256:…").registry; // localhost:5000
 */
export function parseReference(text: string): ImageReference {
  const [named = "", digest, ...more] = text.split("@");
  const colon = named.lastIndexOf(":");
  const isTagged = colon > named.lastIndexOf("/");
  const tag = isTagged ? named.slice(colon + 1) : undefined;
  const parts = (isTagged ? named.slice(0, colon) : named).split("/");
  const first = parts[0]!;
  const hasHost = parts.length > 1 && (/[.:]/.test(first) || first === "localhost");
  const registry = hasHost ? first : "docker.io";
  const rest = (hasHost ? parts.slice(1) : parts).join("/");
  const isHub = registry === "docker.io" || registry === "index.docker.io";
  const repository = isHub && !rest.includes("/") ? `library/${rest}` : rest;
  const isGood =
    more.length === 0 &&
    host.test(registry) &&
    repository.length <= 255 &&
    path.test(repository) &&
    (tag === undefined || /^\w[\w.-]{0,127}$/.test(tag)) &&
    (digest === undefined || /^sha256:[0-9a-f]{64}$/.test(digest));
  if (!isGood) {
    throw new ModelkeepError("sign/bad-reference", {
      message: `${quote(text, 200)} is no name of an image`,
      hint: "write it as registry/app@sha256:… with 64 lower-case hexadecimal digits",
      exit: 4,
      status: 400,
    });
  }
  const name = `${isHub ? "docker.io" : registry}/${repository}`;
  return { registry: isHub ? "registry-1.docker.io" : registry, repository, tag, digest, name };
}
