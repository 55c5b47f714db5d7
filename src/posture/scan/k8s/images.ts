/** The parts of an image reference. */
export interface ImageName {
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:…`, where it is one. */
  readonly digest: string | undefined;
}

/**
 * `registry:5000/app:1.2@sha256:…` in its parts; a colon before the last slash is a port.
 *
 * @example
 * readImage("registry:5000/app").tag; // undefined
 */
export function readImage(reference: string): ImageName {
  const [named = "", rest] = reference.split("@");
  const digest = rest !== undefined && /^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$/.test(rest) ? rest : undefined;
  const colon = named.lastIndexOf(":");
  const tagged = colon > named.lastIndexOf("/");
  return { repository: tagged ? named.slice(0, colon) : named, tag: tagged ? named.slice(colon + 1) : undefined, digest };
}
