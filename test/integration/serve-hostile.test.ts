import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfSigned } from "../helpers/certificate.ts";
import { talk } from "../helpers/gateway.ts";
import { digitRequest, infer, openHouse, unprintable, type House, type RunningKeep } from "../helpers/keep.ts";

const bytesUnder = (dir: string): number =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0), 0);

const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;

/** Keeps asking as a caller until stopped; every answer must be good. */
function goodClient(keep: RunningKeep) {
  let count = 0;
  const bad: string[] = [];
  const stop = new AbortController();
  const run = (async () => {
    while (!stop.signal.aborted) {
      try {
        const answer = await infer(keep);
        if (answer.status !== 200) bad.push(`${answer.status} ${await answer.text()}`);
        else await answer.arrayBuffer();
      } catch (error) {
        bad.push(String((error as Error).cause ?? error));
      }
      count++;
      await sleep(5);
    }
  })();
  return {
    /** Answers it had so far. */
    count: () => count,
    async stop() {
      stop.abort();
      await run;
      return { bad, count };
    },
  };
}

describe("floods", () => {
  let house: House;
  let keep: RunningKeep;
  beforeAll(async () => {
    house = openHouse({
      config: {
        firewall: { connections: { headTimeoutMs: 2000, graceMs: 1000, perAddress: 200, opened: { perSecond: 100_000 } } },
      },
    });
    keep = await house.serve();
    expect((await infer(keep)).status).toBe(200);
  }, 120_000);
  afterAll(() => house.close());

  it("of bad keys leave a caller at the same address served, and the log bounded", async () => {
    const client = goodClient(keep);
    const before = bytesUnder(join(house.stateDir, "audit"));
    const statuses = new Set<number>();
    let refused = 0;
    const enough = () => refused > 1000 && client.count() > 20;
    await Promise.all(
      Array.from({ length: 16 }, async (_, n) => {
        const socket = connect(keep.port, "127.0.0.1");
        socket.on("error", () => {});
        const request = `POST /v2/models/digits/infer HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer mk_bad${n}\r\nContent-Length: 0\r\n\r\n`;
        socket.on("data", (chunk) => {
          for (const match of chunk.toString("latin1").matchAll(/HTTP\/1\.1 (\d{3})/g)) {
            refused++;
            statuses.add(Number(match[1]));
            if (enough()) socket.destroy();
            else socket.write(request); // as fast as it is refused, five at a time
          }
        });
        socket.write(request.repeat(5));
        await once(socket, "close");
      }),
    );
    const { bad, count } = await client.stop();
    expect(bad).toEqual([]);
    expect(enough(), `${refused} refused, ${count} answered`).toBe(true);
    expect([...statuses].every((status) => [401, 403, 429].includes(status))).toBe(true);
    const grown = bytesUnder(join(house.stateDir, "audit")) - before;
    expect(grown).toBeLessThan(count * 3000 + 300_000);
    const ban = house.json<{ scope: string }[]>("bans", "list");
    for (const { scope } of ban) expect(scope).toBe("strangers"); // loopback is shared: never everyone
    expect((await infer(keep)).status).toBe(200);
    for (const { target } of house.json<{ target: string }[]>("bans", "list")) house.cli("bans", "lift", target);
  });

  it("of 20,000 quick connections leave nothing behind", { timeout: 170_000 }, async () => {
    const client = goodClient(keep);
    const rss = residentMiB(keep.pid);
    for (let at = 0; at < 20_000; at += 100) {
      await Promise.all(
        Array.from(
          { length: 100 },
          () =>
            new Promise<void>((resolve) => {
              const socket = connect({ port: keep.port, host: "127.0.0.1", localAddress: `127.0.0.${2 + ((at / 100) % 200)}` });
              socket.once("connect", () => socket.destroy());
              socket.on("error", () => {});
              socket.once("close", () => resolve());
            }),
        ),
      );
    }
    const { bad } = await client.stop();
    expect(bad).toEqual([]);
    await expect.poll(() => readdirSync(`/proc/${keep.pid}/fd`).length, { timeout: 60_000 }).toBeLessThan(150);
    expect(residentMiB(keep.pid) - rss).toBeLessThan(300);
  });

  it("of idle connections from one address are capped, and others get in", async () => {
    const sockets = Array.from({ length: 400 }, () => connect({ port: keep.port, host: "127.0.0.1", localAddress: "127.0.0.9" }));
    for (const socket of sockets) {
      socket.on("error", () => {});
      socket.resume();
      socket.write("GET /v2 HTTP/1.1\r\n");
    }
    let open = sockets.length;
    for (const socket of sockets) socket.once("close", () => open--);
    await expect.poll(() => open, { timeout: 60_000 }).toBeLessThanOrEqual(200);
    expect((await infer(keep)).status).toBe(200);
    await expect.poll(() => open, { timeout: 60_000 }).toBe(0); // a head must come in time
  });

  it.for([
    ["slow heads", ["-H", "-i", "1"]],
    ["slow bodies", ["-B", "-i", "1", "-s", "8192"]],
    ["slow reading", ["-X", "-w", "1", "-y", "2", "-n", "1", "-z", "1", "-k", "3"]],
  ] as const)("of %s by slowhttptest end, and others are served meanwhile", { timeout: 120_000 }, async ([, flags]) => {
    if (!existsSync("/usr/bin/slowhttptest")) spawnSync("apt-get", ["install", "-y", "-qq", "slowhttptest"], { stdio: "ignore" });
    const client = goodClient(keep);
    const url = `${keep.url}/v2/models/digits/infer`;
    const attack = spawn("/usr/bin/slowhttptest", [...flags, "-c", "150", "-r", "75", "-l", "12", "-p", "3", "-u", url], {
      stdio: "ignore",
      cwd: house.dir,
    });
    await once(attack, "close");
    const { bad, count } = await client.stop();
    expect(bad).toEqual([]);
    expect(count).toBeGreaterThan(0);
    await expect.poll(() => readdirSync(`/proc/${keep.pid}/fd`).length, { timeout: 60_000 }).toBeLessThan(150);
  });

  it("of oversized heads, pipelined requests and HTTP/2 prefaces are answered or cut, and nothing breaks", async () => {
    for (const { target } of house.json<{ target: string }[]>("bans", "list")) house.cli("bans", "lift", target); // of the floods before
    const auth = `Authorization: Bearer ${keep.key}`;
    const big = await talk(keep.port, `GET /v2 HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(1 << 20)}\r\n\r\n`);
    expect(big).toMatch(/^HTTP\/1\.1 431/);
    const many = await talk(keep.port, `GET /v2 HTTP/1.1\r\nHost: a\r\n${"A: b\r\n".repeat(1500)}\r\n`);
    expect(many).toMatch(/^HTTP\/1\.1 431/);
    const piped = await talk(keep.port, `GET /v2 HTTP/1.1\r\nHost: a\r\n${auth}\r\n\r\n`.repeat(50), { answers: 50 });
    expect(piped.match(/HTTP\/1\.1 200/g)?.length).toBe(50);
    expect(await talk(keep.port, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).toMatch(/^HTTP\/1\.1 400/);
    expect(await talk(keep.port, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")).not.toMatch(/^HTTP\/1\.1 2/);
    expect((await infer(keep)).status).toBe(200);
    expect(keep.stderr()).not.toMatch(/unexpected|TypeError/);
  });
});

describe("strings of a client", () => {
  it("reach no terminal as they are, whichever command prints them", async () => {
    const house = openHouse();
    try {
      const keep = await house.serve();
      const nasty = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202egnp.exe\u2028\r\n\u0000";
      const percent = encodeURIComponent(nasty);
      const utf8 = Buffer.from("\u009b31m\u202e\u2028").toString("latin1"); // what a header may carry: bytes above 0x80
      const fields = `User-Agent: a${utf8}\r\nX-Request-Id: b${utf8}\r\nX-Forwarded-For: c${utf8}\r\nTraceparent: d${utf8}`;
      const request = (path: string, more: string, body = "") =>
        `POST ${path} HTTP/1.1\r\nHost: h${utf8}\r\nConnection: close\r\n${fields}\r\n${more}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
      const auth = `Authorization: Bearer ${keep.key}`;
      const send = async (path: string, more: string, body = ""): Promise<void> => {
        const heard = await talk(keep.port, [request(path, more, body) + Buffer.from(body).toString("latin1")], {
          answers: 1,
        });
        expect(heard).toMatch(/^HTTP\/1\.1 \d{3} /);
        const ascii = [...heard].filter((character) => character < "\u0080").join(""); // above is UTF-8 in a JSON text
        expect(unprintable(ascii.replaceAll("\r\n", "\n"))).toEqual([]);
      };
      await send(`/v2/models/${percent}/infer`, auth);
      await send(`/v2/models/${percent}/infer`, "X: y");
      await send(`/${percent}`, auth);
      await send("/v2/models/digits/infer", `Authorization: Bearer ${utf8}`);
      await send("/v2/models/digits/infer", `Authorization: ${utf8} x`);
      const tensor = { name: nasty, datatype: nasty, shape: [1], data: [nasty] };
      await send("/v2/models/digits/infer", auth, JSON.stringify({ id: nasty, inputs: [tensor], outputs: [{ name: nasty }] }));
      const named = JSON.stringify({
        id: nasty,
        parameters: { [nasty]: nasty },
        inputs: [{ name: nasty, datatype: "FP32", shape: [1], data: [1] }],
      });
      await send("/v2/models/digits/infer", auth, named);
      await send("/v2/models/digits/infer", auth, `{"inputs": ${nasty}`);
      const good = JSON.parse(digitRequest()) as object;
      await send("/v2/models/digits/infer", auth, JSON.stringify({ ...good, id: nasty }));
      const word = nasty.replace("\u0000", ""); // which no argument can hold
      house.cli("keys", "create", "--principal", word, "--role", "caller");
      const revoked = house.key("caller");
      house.cli("keys", "revoke", revoked.id, "--reason", word);
      house.cli("bans", "set", "203.0.113.5", "--reason", word);

      const entries = house.json<{ index: number }[]>("audit", "search", "--limit", "1000");
      const printed = [
        house.cli("audit", "tail", "-n", "1000"),
        house.cli("audit", "tail", "-n", "1000", "--json"),
        house.cli("audit", "search", "--limit", "1000"),
        house.cli("audit", "search", "--limit", "1000", "--json"),
        house.cli("audit", "export"),
        house.cli("audit", "export", "--format", "csv"),
        house.cli("keys", "list", "--all"),
        house.cli("keys", "list", "--all", "--json"),
        house.cli("bans", "list"),
        house.cli("bans", "list", "--json"),
        ...entries.slice(0, 25).map(({ index }) => house.cli("audit", "show", String(index))),
      ];
      for (const { stdout, stderr } of printed) {
        expect(unprintable((stdout + stderr).replaceAll("\r\n", "\n"))).toEqual([]); // CSV ends its lines so
      }
      expect(unprintable(keep.stderr())).toEqual([]);
    } finally {
      await house.close();
    }
  });
});

describe("TLS", () => {
  let house: House;
  let keep: RunningKeep;
  const one = selfSigned("one");
  const two = selfSigned("two");
  const place = (pair: { cert: string; key: string }): void => {
    for (const [name, text] of [
      ["cert.pem", pair.cert],
      ["key.pem", pair.key],
    ] as const) {
      writeFileSync(house.path(`${name}.new`), text, { mode: 0o600 });
      renameSync(house.path(`${name}.new`), house.path(name));
    }
  };
  const dial = (options: ConnectionOptions = {}): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connectTls({ port: keep.port, host: "127.0.0.1", rejectUnauthorized: false, ...options }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.once("error", reject);
    });

  beforeAll(async () => {
    house = openHouse({ config: { gateway: { tls: { cert: "cert.pem", key: "key.pem", reloadMs: 100 } } } });
    place(one);
    keep = await house.serve();
  }, 120_000);
  afterAll(() => house.close());

  it("is spoken from files that are named relative to the configuration", async () => {
    expect(keep.url).toMatch(/^https:/);
    expect(await dial()).toBe("one");
  });

  it("is not spoken in old versions, and plain HTTP gets no answer of use", async () => {
    for (const version of ["TLSv1", "TLSv1.1"] as const)
      await expect(dial({ minVersion: "TLSv1", maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" })).rejects.toThrow();
    expect(await talk(keep.port, "GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n", { patienceMs: 1500 })).not.toMatch(/ 200 /);
  });

  it("takes renewed files up, and keeps the old ones while new ones are broken", async () => {
    writeFileSync(house.path("cert.pem"), "-----BEGIN CERTIFICATE-----\nnonsense\n");
    await sleep(400);
    expect(await dial()).toBe("one");
    place(two);
    await expect.poll(() => dial(), { timeout: 60_000 }).toBe("two");
  });

  it("handshakes that are begun and left do not keep others out", async () => {
    const sockets: Socket[] = Array.from({ length: 100 }, () => connect(keep.port, "127.0.0.1"));
    for (const socket of sockets) {
      socket.on("error", () => {});
      socket.write("\x16\x03\x01");
    }
    expect(await dial()).toMatch(/one|two/);
    for (const socket of sockets) socket.destroy();
  });
});
