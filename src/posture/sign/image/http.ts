import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { concatBytes, toBase64, utf8 } from "../../../base/crypto/index.ts";
import type {} from "../errors.ts";
import { refusalOf } from "./addresses.ts";

export interface RegistryAccess {
  /** Speak HTTP to a registry that is not on this machine. */
  readonly allowHttp?: boolean | undefined;
  readonly credentials?: { readonly user: string; readonly password: string } | undefined;
  /** The whole of one request, its answer included. */
  readonly timeoutMs?: number | undefined;
  /** Given by tests and by callers with a proxy. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

export interface RegistryRequest {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Most bytes of the answer. */
  readonly maxBytes?: number;
}

export interface RegistryAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** False for the answer of a host that the registry sent us on to: it may not ask for credentials. */
  readonly own: boolean;
}

const maxRedirects = 4;
const maxTokenBytes = 1 << 20;

/** @throws `sign/registry` */
export function registryError(message: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("sign/registry", {
    message,
    hint: "see that the registry is reached and that the credentials may read and, to sign, write the repository",
    cause,
    status: 502,
  });
}

/** Requests to one registry, with the token flow of the distribution specification. Redirects are followed by hand, without credentials. */
export class RegistryHttp {
  readonly origin: URL;
  private readonly access: RegistryAccess;
  private authorization: string | undefined;

  constructor(origin: URL, access: RegistryAccess) {
    this.origin = origin;
    this.access = access;
  }

  /** @throws `sign/registry` where no answer comes, it is too large, or leads where it may not */
  async send(path: string | URL, request: RegistryRequest = {}): Promise<RegistryAnswer> {
    const url = new URL(path, this.origin);
    const first = await this.once(url, request, this.authorization);
    if (first.status !== 401 || !first.own) return first;
    this.authorization = await this.authorize(first.headers.get("www-authenticate") ?? "");
    return this.authorization === undefined ? first : this.once(url, request, this.authorization);
  }

  private async once(start: URL, request: RegistryRequest, authorization: string | undefined): Promise<RegistryAnswer> {
    const { method = "GET", headers = {}, body, maxBytes = 4 << 20 } = request;
    const signal = AbortSignal.timeout(this.access.timeoutMs ?? 30_000);
    let url = start;
    for (let hop = 0; hop <= maxRedirects; hop++) {
      this.check(url);
      // Only the registry itself sees credentials: what it sends us on to is a bucket of someone's.
      const own = url.origin === this.origin.origin && authorization !== undefined ? { authorization } : {};
      let answer: Response;
      try {
        answer = await (this.access.fetch ?? fetch)(url, {
          method,
          headers: { ...headers, ...own },
          redirect: "manual",
          signal,
          ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
        });
        const location = answer.headers.get("location");
        const isRedirect = [301, 302, 303, 307, 308].includes(answer.status) && location !== null;
        if (!isRedirect) {
          const { status, headers: given } = answer;
          return { status, headers: given, body: await limited(answer, maxBytes), own: url.origin === this.origin.origin };
        }
        await answer.body?.cancel();
        if (method !== "GET" && method !== "HEAD") throw registryError(`${url.host} redirects a request that writes`);
        if (!URL.canParse(location, url.href)) throw registryError(`${url.host} redirects to what is no address`);
        url = new URL(location, url);
      } catch (cause) {
        if (cause instanceof ModelkeepError) throw cause;
        throw registryError(`${quote(url.host)} does not answer: ${reasonOf(cause)}`, cause);
      }
    }
    throw registryError(`${start.host} redirects more than ${maxRedirects} times`);
  }

  private check(url: URL): void {
    if (url.origin === this.origin.origin) return;
    const refusal = refusalOf(url, this.origin, this.access.allowHttp === true);
    if (refusal !== undefined)
      throw registryError(`${this.origin.host} leads to ${quote(url.origin)}, which is not followed: ${refusal}`);
  }

  /** Basic, or a token from the service that the registry names (distribution specification, token authentication). */
  private async authorize(challenge: string): Promise<string | undefined> {
    const { credentials } = this.access;
    const basic =
      credentials === undefined ? undefined : `Basic ${toBase64(utf8(`${credentials.user}:${credentials.password}`))}`;
    if (/^basic/i.test(challenge)) return basic;
    if (!/^bearer/i.test(challenge)) return undefined;
    const parts = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key!.toLowerCase(), value!]));
    const address = parts.get("realm") ?? "";
    if (!URL.canParse(address)) throw registryError(`${this.origin.host} asks for a token and does not say where`);
    const realm = new URL(address);
    for (const key of ["service", "scope"]) if (parts.has(key)) realm.searchParams.set(key, parts.get(key)!);
    this.check(realm);
    const signal = AbortSignal.timeout(this.access.timeoutMs ?? 30_000);
    const headers = basic === undefined ? {} : { authorization: basic };
    try {
      const answer = await (this.access.fetch ?? fetch)(realm, { headers, redirect: "error", signal });
      if (answer.status !== 200) throw registryError(`${realm.host} gives no token: status ${answer.status}`);
      const { token, access_token: other } = JSON.parse(new TextDecoder().decode(await limited(answer, maxTokenBytes))) as Record<
        string,
        unknown
      >;
      const given = typeof token === "string" ? token : other;
      if (typeof given !== "string" || !/^[\x21-\x7e]{1,65536}$/.test(given))
        throw registryError(`${realm.host} answers without a token`);
      return `Bearer ${given}`;
    } catch (cause) {
      if (cause instanceof ModelkeepError) throw cause;
      throw registryError(`${quote(realm.host)} gives no token: ${reasonOf(cause)}`, cause);
    }
  }
}

function reasonOf(cause: unknown): string {
  const { name, message, cause: inner } = cause as Error & { cause?: { code?: string; message?: string } };
  if (name === "TimeoutError") return "it took too long";
  return inner?.code ?? inner?.message ?? message;
}

/** The body, whatever length its header claims. */
async function limited(answer: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (answer.body === null) return new Uint8Array();
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) throw registryError(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return concatBytes(...chunks);
}
