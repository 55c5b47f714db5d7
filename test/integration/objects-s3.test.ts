import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createS3Objects } from "../../src/base/objects/index.ts";
import type { S3Options } from "../../src/base/objects/index.ts";
import { listed, objectsLaws } from "../contracts/objects.ts";
import { freePort } from "../helpers/free-port.ts";
import { pythonWith } from "../helpers/python.ts";

let server: ReturnType<typeof spawn>;
let options: S3Options;

beforeAll(async () => {
  const python = pythonWith(["moto[server]==5.2.5"]);
  const port = await freePort();
  server = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const endpoint = `http://127.0.0.1:${port}`;
  options = { endpoint, bucket: "keep", region: "eu-central-1", accessKeyId: "test", secretAccessKey: "test" };
  for (let attempt = 0; attempt < 200; attempt++) {
    const made = await fetch(`${endpoint}/keep`, {
      method: "PUT",
      body: "<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>",
    }).catch(() => undefined);
    if (made?.ok === true) return;
    await sleep(100);
  }
  throw new Error("the S3 server did not start");
}, 600_000);
afterAll(() => void server.kill("SIGKILL"));

objectsLaws("an S3 server", async () => createS3Objects(options));

describe("an S3 store", () => {
  it("keeps to its prefix, and lists more than one page", async () => {
    const below = createS3Objects({ ...options, prefix: "deep/er" });
    await Promise.all(Array.from({ length: 1_050 }, (_, i) => below.put(`n/${String(i).padStart(5, "0")}`, new Uint8Array(1))));
    expect((await listed(below, "n/")).length).toBe(1_050);
    expect((await listed(createS3Objects(options), "deep/er/n/0000")).length).toBe(10);
  });

  it("that is not there, or has no such bucket, is named without its secret", async () => {
    await expect(
      createS3Objects({ ...options, endpoint: "http://127.0.0.1:1", timeoutMs: 2_000 }).get("x"),
    ).rejects.toMatchObject({ code: "objects/unreachable" });
    await expect(createS3Objects({ ...options, bucket: "nobody" }).put("x", new Uint8Array(1))).rejects.toMatchObject({
      code: "objects/unreachable",
      message: expect.stringContaining("nobody"),
    });
  });
});
