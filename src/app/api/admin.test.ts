import { connect } from "node:net";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { ModelkeepError } from "../../base/error/index.ts";
import { silentLogger } from "../../base/log/index.ts";
import { createRegistry } from "../../base/registry/index.ts";
import { callAdmin, createAdminServer, defineOperation } from "./index.ts";
import type { Operation, Services } from "./index.ts";

const dir = await mkdtemp(join(tmpdir(), "modelkeep-admin-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

const echo = defineOperation({
  id: "test.echo",
  title: "Gives back what it got, and who asked",
  input: z.strictObject({ word: z.string() }),
  run: async (_, { word }, by) => ({ word, by }),
});
const refuse = defineOperation({
  id: "test.refuse",
  title: "Refuses",
  input: z.strictObject({}),
  run: async () => {
    throw new ModelkeepError("api/no-such-entry", {
      message: "no entry 7",
      hint: "look at the tail",
      exit: 3,
      status: 404,
      cause: new Error("secret"),
    });
  },
});
const breakDown = defineOperation({
  id: "test.break",
  title: "Breaks",
  input: z.strictObject({}),
  run: async () => {
    throw new Error("password=hunter2");
  },
});

let count = 0;
let close: (() => Promise<void>) | undefined;
afterEach(() => close?.());

async function serveAdmin(): Promise<string> {
  const socket = join(dir, `s${count++}`, "admin.sock");
  const operations = createRegistry("operation", [echo, refuse, breakDown] as readonly unknown[] as readonly Operation[]);
  const server = await createAdminServer({
    socket,
    services: {} as Services,
    operations,
    by: { principal: "local:tester" },
    log: silentLogger,
  });
  close = server.close;
  return socket;
}

/** What the socket answers to these raw bytes. */
function raw(socket: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const peer = connect(socket, () => peer.write(text));
    let answer = "";
    peer.on("data", (chunk) => (answer += chunk.toString()));
    peer.on("close", () => resolve(answer)).on("error", reject);
  });
}

describe("the admin socket", () => {
  it("is open to its owner only", async () => {
    const socket = await serveAdmin();
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    expect((await stat(join(socket, ".."))).mode & 0o777).toBe(0o700);
  });

  it("runs an operation and tells it who asked", async () => {
    expect(await callAdmin(await serveAdmin(), "test.echo", { word: "naïve" })).toEqual({
      word: "naïve",
      by: { principal: "local:tester" },
    });
  });

  it("hands an error through whole, but for its cause", async () => {
    const refused = await callAdmin(await serveAdmin(), "test.refuse", {}).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "api/no-such-entry",
      message: "no entry 7",
      hint: "look at the tail",
      exit: 3,
      status: 404,
    });
    expect((refused as Error).cause).toBeUndefined();
  });

  it("says nothing of what broke inside", async () => {
    const broken = await callAdmin(await serveAdmin(), "test.break", {}).catch((error: unknown) => error);
    expect(broken).toMatchObject({ code: "internal/unexpected" });
    expect(JSON.stringify(broken)).not.toContain("hunter2");
  });

  it.for([
    ["test.echo", { word: 1 }, "api/bad-input"],
    ["test.echo", { word: "a", more: 1 }, "api/bad-input"],
    ["test.echo", null, "api/bad-input"],
    ["test.nobody", {}, "api/unknown-operation"],
  ] as const)("refuses %s with %j", async ([id, input, code]) => {
    await expect(callAdmin(await serveAdmin(), id, input)).rejects.toMatchObject({ code });
  });

  it("refuses what is not JSON, what is too large, and other methods, and goes on serving", async () => {
    const socket = await serveAdmin();
    const post = (body: string, length = Buffer.byteLength(body)): string =>
      `POST /operations/test.echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n${body}`;
    expect(await raw(socket, post("{"))).toContain("api/bad-input");
    expect(await raw(socket, post("x".repeat((1 << 20) + 1)))).toContain("api/bad-input");
    expect(await raw(socket, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).toContain("api/unknown-operation");
    expect(await callAdmin(socket, "test.echo", { word: "still here" })).toMatchObject({ word: "still here" });
  });

  it("that nobody listens on is told as such", async () => {
    const socket = join(dir, "dead.sock");
    await writeFile(socket, "");
    await expect(callAdmin(socket, "test.echo", { word: "x" })).rejects.toMatchObject({ code: "api/unreachable" });
  });

  it("takes over a socket that a killed process left", async () => {
    const socket = join(dir, "left", "admin.sock");
    const operations = createRegistry("operation", [echo] as readonly unknown[] as readonly Operation[]);
    const open = () => createAdminServer({ socket, services: {} as Services, operations, by: {}, log: silentLogger });
    const first = await open();
    const second = await open();
    expect(await callAdmin(socket, "test.echo", { word: "x" })).toMatchObject({ word: "x" });
    await second.close();
    await first.close();
  });
});
