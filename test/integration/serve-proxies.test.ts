import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digitRequest, infer, openHouse, type House, type RunningKeep } from "../helpers/keep.ts";
import { startHaproxy, startNginx, type ReverseProxy } from "../helpers/reverse-proxy.ts";
import { smugglingCorpus } from "../helpers/smuggling.ts";

const everythingEntered = { refusals: { perAddressPerMinute: 1_000_000, perMinute: 1_000_000 } };
const trusting = { proxies: { trusted: ["127.0.0.1/32"] }, bans: { automatic: false } };

interface Entry {
  readonly index: number;
  readonly evidence: {
    readonly kind: string;
    readonly requestId?: string;
    readonly actor?: { readonly address?: string };
    readonly detail?: { readonly path?: string };
  };
}

/** Sends bytes from an address and hears what comes back, until the other side closes, has answered and then been silent, or been silent for long. */
function talk(port: number, text: string, from = "127.0.0.2"): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress: from });
    let heard = "";
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
      socket.setTimeout(4000);
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve(heard));
    socket.write(Buffer.from(text, "latin1"));
  });
}

/** Ids of the answers in what was heard. */
const idsIn = (heard: string): string[] => [...heard.matchAll(/^x-request-id: *(\S+)\r$/gim)].map((match) => match[1]!);

let house: House;
let keep: RunningKeep;
let corpus: Readonly<Record<string, string>>;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  house = openHouse({ config: { audit: everythingEntered, firewall: trusting } });
  keep = await house.serve();
  corpus = smugglingCorpus({ key: keep.key, body: digitRequest() });
}, 120_000);
afterAll(async () => {
  for (const stop of stops) await stop();
  await house.close();
});

const entriesFrom = (first: number): Entry[] =>
  house
    .cli("audit", "export", "--from", String(first))
    .stdout.split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Entry);

const nextIndex = async (): Promise<number> => {
  const answer = await infer(keep);
  await answer.arrayBuffer();
  return Number(answer.headers.get("x-modelkeep-entry")) + 1;
};

const proxies = { nginx: startNginx, haproxy: startHaproxy } as const;

describe.for(Object.keys(proxies) as (keyof typeof proxies)[])("behind %s", (name) => {
  let proxy: ReverseProxy;
  beforeAll(async () => {
    proxy = await proxies[name](keep.port);
    stops.push(() => proxy.stop());
  });

  it("a request is answered, and is from whom the proxy says it is, whatever the client claims", async () => {
    const first = await nextIndex();
    const claims = "X-Forwarded-For: 198.51.100.1, 127.0.0.1\r\nForwarded: for=198.51.100.2\r\nX-Real-IP: 198.51.100.3";
    const heard = await talk(
      proxy.port,
      `GET /v2/models/none HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ${keep.key}\r\n${claims}\r\n\r\n`,
    );
    expect(heard).toMatch(/^HTTP\/1\.1 404/);
    const [entry] = entriesFrom(first);
    expect(entry!.evidence.actor!.address).toBe("127.0.0.2");
  });

  it("both see the same requests, wherever a client tries to hide one", async () => {
    const first = await nextIndex();
    const before = proxy.seen().length;
    const heard = Object.fromEntries(
      await Promise.all(Object.entries(corpus).map(async ([what, text]) => [what, await talk(proxy.port, text)] as const)),
    );
    const ours = new Map(entriesFrom(first).map(({ evidence }) => [evidence.requestId!, evidence]));
    const seen = () =>
      new Set(
        proxy
          .seen()
          .slice(before)
          .filter((id) => id !== "-"),
      );
    // What the service took for a request, the proxy did not send as one. Its log is written after the answer.
    const unsent = () => [...ours].filter(([id]) => !seen().has(id)).map(([, evidence]) => evidence);
    await expect.poll(unsent).toEqual([]);
    const theirs = seen();
    // And every answer went to the connection that asked: nobody heard an answer that was another's.
    const answered = Object.values(heard).flatMap(idsIn);
    expect(new Set(answered).size).toBe(answered.length);
    expect([...theirs].filter((id) => !answered.includes(id) && ours.get(id)?.kind === "inference.answered")).toEqual([]);
    expect(idsIn(heard["two requests, both good"]!).length).toBe(2);
    expect(idsIn(heard["three requests, one with a body"]!).length).toBe(3);
    expect((await infer({ url: `http://127.0.0.1:${proxy.port}`, key: keep.key })).status).toBe(200);
  });

  it("a poisoned connection never gives the next client somebody else's answer", async () => {
    for (const text of Object.values(corpus)) void talk(proxy.port, text);
    const answers = await Promise.all(
      Array.from({ length: 30 }, () =>
        fetch(`http://127.0.0.1:${proxy.port}/v2`, { headers: { authorization: `Bearer ${keep.key}` } }).then((answer) =>
          answer.json(),
        ),
      ),
    );
    expect(answers.filter((answer) => (answer as { name?: string }).name !== "modelkeep")).toEqual([]);
  });
});

describe("without a proxy", () => {
  it("what a client says of itself is not believed by an untrusted peer's word", async () => {
    const first = await nextIndex();
    await talk(
      keep.port,
      `GET /v2/models/none HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n`,
    );
    expect(entriesFrom(first)[0]!.evidence.actor!.address).toBe("127.0.0.2");
  });

  it("each connection is cut where the service says: a refused request is the last one on it", async () => {
    for (const [what, text] of Object.entries(corpus)) {
      const heard = await talk(keep.port, text);
      const statuses = [...heard.matchAll(/^HTTP\/1\.1 (\d{3})/gm)]
        .map((match) => Number(match[1]))
        .filter((status) => status !== 100);
      const mayBeTwo =
        /both good|one with a body|length on a GET|length of 0|wish to go on|under an odd name|with an underscore|upgrade|bare LF/.test(
          what,
        );
      if (!mayBeTwo) expect(`${what}: ${statuses.length} ${statuses[0]! < 400 ? "" : "refused"}`).toBe(`${what}: 1 refused`);
      else expect(statuses.length, what).toBeGreaterThan(0);
    }
  });
});

describe("PROXY protocol", () => {
  it("names the client behind HAProxy, and from anybody else closes the connection", async () => {
    const announced = openHouse({
      config: {
        audit: everythingEntered,
        gateway: { proxyProtocol: { from: ["127.0.0.1/32"] } },
        firewall: { bans: { automatic: false } },
      },
    });
    stops.push(() => announced.close());
    const behind = await announced.serve();
    const proxy = await startHaproxy(behind.port, { announce: true });
    stops.push(() => proxy.stop());
    expect((await infer({ url: `http://127.0.0.1:${proxy.port}`, key: behind.key })).status).toBe(200);
    expect(await talk(proxy.port, `GET /v2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 401/);
    const entries = announced
      .cli("audit", "export")
      .stdout.trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as Entry).evidence);
    expect(entries.filter(({ kind }) => kind === "request.refused").map(({ actor }) => actor?.address)).toEqual(["127.0.0.2"]);

    const header = Buffer.concat([
      Buffer.from("0d0a0d0a000d0a515549540a2111000c", "hex"),
      Buffer.from([203, 0, 113, 9, 127, 0, 0, 1, 0x30, 0x39, 0x1f, 0x90]),
    ]).toString("latin1");
    const request = `GET /v2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
    expect(await talk(behind.port, header + request, "127.0.0.1")).toMatch(/^HTTP\/1\.1 401/); // the proxy may
    expect(await talk(behind.port, header + request, "127.0.0.2")).toBe(""); // nobody else
    expect(await talk(behind.port, request, "127.0.0.1")).toBe(""); // nor may it leave the header out
    expect(await talk(behind.port, header.slice(0, 14) + request, "127.0.0.1")).toBe("");
    expect(await talk(behind.port, `PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\n${request}`, "127.0.0.1")).toBe("");
    expect(await talk(behind.port, header + header + request, "127.0.0.1")).not.toMatch(/^HTTP\/1\.1 200/);
  });
});
