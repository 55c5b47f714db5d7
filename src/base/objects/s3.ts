import { AwsClient } from "aws4fetch";
import { ModelkeepError, quote } from "../error/index.ts";
import type {} from "./errors.ts";
import { assertKey } from "./key.ts";
import type { Objects } from "./objects.ts";

export interface S3Options {
  /** `https://s3.eu-central-1.amazonaws.com`, or any compatible server. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** Put before every key, without a slash at its end. */
  readonly prefix?: string | undefined;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly timeoutMs?: number;
}

/** Objects in an S3-compatible store, path-style addresses, Signature Version 4. A put is durable when the store says 200. */
export function createS3Objects(options: S3Options): Objects {
  const { endpoint, bucket, region, prefix = "", accessKeyId, secretAccessKey, timeoutMs = 30_000 } = options;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: "s3", retries: 4 });
  const base = `${endpoint.replace(/\/$/, "")}/${bucket}`;
  const lead = prefix === "" ? "" : `${prefix}/`;

  async function send(method: string, url: string, body?: Uint8Array): Promise<Response> {
    let answer: Response;
    try {
      answer = await client.fetch(url, {
        method,
        ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
        signal: AbortSignal.timeout(timeoutMs),
        redirect: "error",
      });
    } catch (cause) {
      throw unreachable(endpoint, (cause as Error).message, cause);
    }
    if (answer.ok || answer.status === 404) return answer;
    throw unreachable(endpoint, `status ${answer.status}: ${firstTag(await answer.text(), "Message") ?? "no message"}`);
  }

  const urlOf = (key: string): string => {
    assertKey(key);
    return `${base}/${`${lead}${key}`.split("/").map(encodeURIComponent).join("/")}`;
  };

  return {
    async get(key) {
      const answer = await send("GET", urlOf(key));
      return answer.status === 404 ? void (await answer.body?.cancel()) : new Uint8Array(await answer.arrayBuffer());
    },
    async put(key, body) {
      const answer = await send("PUT", urlOf(key), body);
      if (answer.status === 404) throw unreachable(endpoint, `no bucket ${quote(bucket)}`);
      await answer.body?.cancel();
    },
    async delete(key) {
      await (await send("DELETE", urlOf(key))).body?.cancel();
    },
    async *list(wanted) {
      let token: string | undefined;
      do {
        const query = new URLSearchParams({
          "list-type": "2",
          prefix: `${lead}${wanted}`,
          ...(token === undefined ? {} : { "continuation-token": token }),
        });
        const page = await (await send("GET", `${base}?${query}`)).text();
        for (const [, item] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
          const key = unescapeXml(firstTag(item!, "Key") ?? "");
          yield { key: key.slice(lead.length), sizeBytes: Number(firstTag(item!, "Size") ?? 0) };
        }
        token = firstTag(page, "NextContinuationToken");
        if (token !== undefined) token = unescapeXml(token);
      } while (token !== undefined);
    },
  };
}

function firstTag(xml: string, tag: string): string | undefined {
  return new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
}

function unescapeXml(text: string): string {
  const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text.replace(/&(?:#x([0-9a-f]+)|#([0-9]+)|([a-z]+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return named[name] ?? whole;
    return String.fromCodePoint(Number.parseInt(hex ?? decimal!, hex === undefined ? 10 : 16));
  });
}

function unreachable(endpoint: string, why: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("objects/unreachable", {
    message: `the object store at ${quote(endpoint)} does not do what was asked: ${quote(why)}`,
    hint: "check `objects.s3`: endpoint, bucket, region and credentials",
    status: 503,
    cause,
  });
}
