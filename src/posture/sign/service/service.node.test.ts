import { generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keysConfig, openBackend, parsePublicKey, serviceSealer, serviceSigner } from "../index.node.ts";
import type { KeyBackend } from "../index.node.ts";

const pair = generateKeyPairSync("ed25519");
const raw = pair.publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
const message = new TextEncoder().encode("a message");
let answer: (request: IncomingMessage, body: Record<string, unknown>, response: ServerResponse) => void;
const asked: { path: string; token: string | undefined; body: Record<string, unknown> }[] = [];
const server = createServer((request, response) => {
  let text = "";
  request.on("data", (chunk: Buffer) => (text += chunk.toString()));
  request.on("end", () => {
    const body = JSON.parse(text || "{}") as Record<string, unknown>;
    asked.push({ path: request.url!, token: request.headers["x-vault-token"] as string, body });
    answer(request, body, response);
  });
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env["TRANSIT_TOKEN"] = "t0ken";
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const json = (response: ServerResponse, data: object, status = 200): void =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(status === 200 ? { data } : data));
/** A transit engine with one Ed25519 key in its third version. */
const good: typeof answer = ({ url: path = "" }, { input }, response) => {
  if (path.includes("/keys/"))
    json(response, { type: "ed25519", latest_version: 3, keys: { "1": { public_key: "old" }, "3": { public_key: raw } } });
  else
    json(response, {
      signature: `vault:v3:${sign(null, Buffer.from(input as string, "base64"), pair.privateKey).toString("base64")}`,
    });
};
const vault = (more: object = {}): KeyBackend => {
  const keys = keysConfig.parse({ release: { vault: { url, key: "release", token: "env:TRANSIT_TOKEN", ...more } } });
  return openBackend("kms:release", { keys, baseDir: "." });
};

describe("a key in a transit engine", () => {
  it("signs with its newest version, and what it signs verifies", async () => {
    answer = good;
    asked.length = 0;
    const signer = await serviceSigner(vault({ mount: "team/transit" }));
    const signature = await signer.sign(message);
    expect([signer.algorithm, parsePublicKey(signer.publicKey).verify(message, signature)]).toEqual(["ed25519", true]);
    expect(asked.map(({ path }) => path)).toEqual(["/v1/team/transit/keys/release", "/v1/team/transit/sign/release"]);
    expect(asked[1]).toMatchObject({ token: "t0ken", body: { key_version: 3 } });
  });

  it("that signs something else is not believed", async () => {
    answer = (request, body, response) => good(request, { ...body, input: Buffer.from("another").toString("base64") }, response);
    const signer = await serviceSigner(vault());
    await expect(signer.sign(message)).rejects.toMatchObject({ code: "sign/key-service", status: 502 });
  });

  it.for<[string, typeof answer, string]>([
    ["refuses", (_, __, response) => json(response, { errors: ["permission denied"] }, 403), "403: `permission denied`"],
    ["answers with no JSON", (_, __, response) => void response.end("<html>"), "not the transit engine's JSON"],
    ["answers with another JSON", (_, __, response) => json(response, { keys: [] }), "not the transit engine's JSON"],
    ["sends on", (_, __, response) => void response.writeHead(307, { location: "http://127.0.0.1:1/" }).end(), "it answers 307"],
    ["answers without end", (_, __, response) => void response.end("x".repeat(2 << 20)), "does not answer"],
    ["hangs up", (request) => void request.socket.destroy(), "does not answer"],
    [
      "has a key that only encrypts",
      (_, __, response) => json(response, { latest_version: 1, keys: { "1": 1700000000 } }),
      "no public half",
    ],
  ])("whose server %s is an error in words, without the token", async ([, how, words]) => {
    answer = how;
    const error = (await serviceSigner(vault()).catch((cause: unknown) => cause)) as Error;
    expect(error).toMatchObject({ code: "sign/key-service", message: expect.stringContaining(words) });
    expect(error.message).not.toContain("t0ken");
  });

  it("is not asked over plain HTTP beyond this machine, and no longer than it may take", async () => {
    await expect(vault({ url: "http://vault.example" }).publicKey()).rejects.toMatchObject({
      message: expect.stringContaining("not encrypted"),
    });
    answer = () => {};
    await expect(vault({ timeoutMs: 100 }).publicKey()).rejects.toMatchObject({ code: "sign/key-service" });
  });

  it("opens no key of a file that is none", async () => {
    answer = (_, __, response) => json(response, { plaintext: "AAAA" });
    await expect(serviceSealer(vault()).unwrap(new TextEncoder().encode("vault:v1:x"))).rejects.toMatchObject({
      code: "sign/key-service",
    });
  });
});

describe("the keys of a configuration", () => {
  it("are told by the nearest name where one is misspelt", () => {
    const keys = keysConfig.parse({ release: { exec: { command: ["x"], key: "k" } } });
    const open = (name: string) => () => openBackend(name, { keys, baseDir: "." });
    expect(open("kms:relaese")).toThrow(expect.objectContaining({ code: "sign/no-such-key", hint: "is it `kms:release`?" }));
    expect(open("kms:toString")).toThrow(expect.objectContaining({ code: "sign/no-such-key" }));
  });

  it.for([
    { a: {} },
    { a: { vault: { url: "https://x", key: "k", token: "env:T" }, exec: { command: ["x"], key: "k" } } },
    { a: { exec: { command: [], key: "k" } } },
    { a: { exec: { command: ["x"], key: "with space" } } },
    { a: { vault: { url: "https://x", key: "../sys", token: "hunter2" } } },
    { a: { vault: { url: "ftp://x", key: "k", token: "env:T" } } },
    { "a b": { exec: { command: ["x"], key: "k" } } },
  ])("%o are none", (value) => expect(keysConfig.safeParse(value).success).toBe(false));
});

describe("a key that a program speaks for", () => {
  const program = (text: string, more: object = {}): KeyBackend => {
    const keys = keysConfig.parse({ p: { exec: { command: [process.execPath, "-e", text], key: "arn:1", ...more } } });
    return openBackend("kms:p", { keys, baseDir: "." });
  };

  it("gets the request and the variables that were named, and no other", async () => {
    process.env["FOR_IT"] = "yes";
    const text = `let s="";process.stdin.on("data",(c)=>s+=c).on("end",()=>console.log(JSON.stringify({data:Buffer.from(JSON.stringify([JSON.parse(s),process.env.FOR_IT,process.env.TRANSIT_TOKEN??null])).toString("base64")})))`;
    const [request, named, other] = JSON.parse(
      Buffer.from(await program(text, { env: ["FOR_IT"] }).wrap(new Uint8Array([1]))).toString(),
    );
    expect(request).toEqual({ protocol: "modelkeep.dev/key/v1", key: "arn:1", operation: "wrap", data: "AQ==" });
    expect([named, other]).toEqual(["yes", null]);
  });

  it.for([
    ["ends badly", `console.error("no such key");process.exit(3)`, "it ended with 3: `no such key`"],
    ["says nothing", `0`, "not the protocol's JSON"],
    ["answers something else", `console.log("{}")`, "without `publicKey`"],
    ["answers without end", `setInterval(()=>process.stdout.write("x".repeat(1<<16)))`, "without end"],
    ["takes too long", `setTimeout(()=>{},60000)`, "longer than"],
  ] as const)("that %s is an error in words", async ([, text, words]) => {
    const timeoutMs = words === "longer than" ? 300 : 20_000;
    await expect(program(text, { timeoutMs }).publicKey()).rejects.toMatchObject({
      code: "sign/key-service",
      message: expect.stringContaining(words),
    });
  });

  it("that is not there is named", async () => {
    const keys = keysConfig.parse({ p: { exec: { command: ["./nowhere"], key: "k" } } });
    await expect(openBackend("kms:p", { keys, baseDir: "/tmp" }).publicKey()).rejects.toMatchObject({
      message: expect.stringContaining("/tmp/nowhere"),
    });
  });
});
