/** Where a registry may send us on to: never from the world into this machine, and never to what clouds answer secrets at. */

/** Names of this machine, to which unencrypted requests never leave it: every registry client speaks plain HTTP to them. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || /^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname === "[::1]" || hostname === "::1";
}

/** Link-local and metadata addresses, as they may be written. */
function isMetadata(hostname: string): boolean {
  return (
    /^(?:169\.254\.|\[?fe[89ab]|\[?fd00:ec2:)/i.test(hostname) ||
    hostname === "metadata.google.internal" ||
    hostname === "0.0.0.0"
  );
}

/** Why a URL that a registry named is not followed, or undefined. `from` is what named it. */
export function refusalOf(url: URL, from: URL, allowHttp: boolean): string | undefined {
  const isSameMachine = isLoopback(from.hostname) && isLoopback(url.hostname);
  if (url.username !== "" || url.password !== "") return "it carries a password";
  if (url.protocol !== "https:" && !(url.protocol === "http:" && (allowHttp || isSameMachine))) return "it is not encrypted";
  if (isMetadata(url.hostname)) return "it is an address at which clouds answer to the machine alone";
  if (isLoopback(url.hostname) && !isLoopback(from.hostname)) return "it leads into this machine";
  return undefined;
}
