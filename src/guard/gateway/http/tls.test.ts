import { rename, writeFile } from "node:fs/promises";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfSigned } from "../../../../test/helpers/certificate.ts";
import { openWorld, talk, type World } from "../../../../test/helpers/gateway.ts";

const first = selfSigned("first");
const second = selfSigned("second");
let dir: string;
let world: World;

const place = async (name: string, text: string) => {
  await writeFile(join(dir, `${name}.new`), text);
  await rename(join(dir, `${name}.new`), join(dir, name));
};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "modelkeep-tls-"));
  await place("cert.pem", first.cert);
  await place("key.pem", first.key);
  const tls = { cert: join(dir, "cert.pem"), key: join(dir, "key.pem"), reloadMs: 100 };
  world = await openWorld({ gateway: { tls } });
}, 60_000);
afterAll(async () => {
  await world.close();
  await rm(dir, { recursive: true });
});

const dial = (options: object = {}): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: world.port, host: "127.0.0.1", rejectUnauthorized: false, ...options }, () => resolve(socket));
    socket.on("error", reject);
  });

async function nameServed(): Promise<string> {
  const socket = await dial();
  const name = socket.getPeerCertificate().subject.CN;
  socket.destroy();
  return String(name);
}

function get(ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { port: world.port, host: "127.0.0.1", ca, path: "/v2", headers: { authorization: `Bearer ${world.key}` } };
    request(options, (response) => resolve(response.resume().statusCode))
      .on("error", reject)
      .end();
  });
}

describe("TLS", () => {
  it("serves with the configured certificate, which a client can verify", async () => {
    expect(world.gateway.url).toMatch(/^https:/);
    expect(await get(first.cert)).toBe(200);
  });

  it("speaks nothing older than TLS 1.2", async () => {
    await expect(dial({ maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" })).rejects.toThrow();
    const modern = await dial({ minVersion: "TLSv1.3" });
    expect(modern.getProtocol()).toBe("TLSv1.3");
    modern.destroy();
  });

  it("does not answer what is not TLS", async () => {
    expect(await talk(world.port, "GET /v2 HTTP/1.1\r\nHost: a\r\n\r\n", { patienceMs: 1000 })).not.toContain("HTTP/1.1 200");
  });

  it("takes up renewed files without dropping a connection, keeps the old ones while new ones do not fit", async () => {
    const held = await dial();
    await place("cert.pem", second.cert); // a renewal in progress: the key is still the old one
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await nameServed()).toBe("first");
    await place("key.pem", second.key);
    await expect.poll(nameServed, { timeout: 60_000 }).toBe("second");
    expect(await get(second.cert)).toBe(200);
    const heard = new Promise<string>((resolve) => held.once("data", (chunk) => resolve(chunk.toString())));
    held.write("GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await heard).toMatch(/^HTTP\/1\.1 200/);
    held.destroy();
  });

  it("does not start with a certificate and a key that do not belong together", async () => {
    await place("other.pem", first.key);
    const tls = { cert: join(dir, "cert.pem"), key: join(dir, "other.pem") };
    await expect(openWorld({ gateway: { tls } })).rejects.toMatchObject({ code: "gateway/bad-tls-files" });
  });
});
