/**
 * Keys that never come here: a program of its own that speaks our protocol, and a transit engine over HTTP; both in Python by OpenSSL. Named from the
 * configuration, they sign, seal and open what is served.
 */
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echoModel, rowsOf } from "../helpers/gateway.ts";
import { infer, openHouse, type House } from "../helpers/keep.ts";

const script = join(import.meta.dirname, "key_service.py");

describe("keys that lie elsewhere", () => {
  let house: House;
  let transit: ChildProcess;
  const openssl = (...words: string[]) => void execFileSync("openssl", words, { cwd: house.dir, stdio: "pipe" });

  beforeAll(async () => {
    house = openHouse({ env: { TRANSIT_TOKEN: "the-token" } });
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "signer.pem");
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "sealer.pem");
    openssl("pkey", "-in", "signer.pem", "-pubout", "-out", "signer.pub");
    transit = spawn("python3", [script, "transit", house.dir], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = (await once(transit.stdout!, "data")) as [Buffer];
    const exec = { command: ["python3", script, "exec", "."], env: [] };
    const vault = { url: `http://127.0.0.1:${port.toString().trim()}`, key: "key-1", token: "env:TRANSIT_TOKEN" };
    house.configure({
      models: { serve: ["models"], identities: ["kms:program", "kms:transit"] },
      keys: {
        program: { exec: { ...exec, key: "key-1" } },
        stranger: { exec: { ...exec, key: "key-2" } },
        transit: { vault },
        locked: { vault: { ...vault, token: "env:HOME" } },
      },
    });
    mkdirSync(house.path("models"));
  }, 60_000);
  afterAll(async () => {
    transit.kill();
    await house.close();
  });

  it.for(["program", "transit"])("sign under the name kms:%s, and what they sign verifies under the public key", (name) => {
    writeFileSync(house.path("m.onnx"), echoModel(1));
    expect(house.cli("sign", "m.onnx", "--key", `kms:${name}`)).toMatchObject({ status: 0, stderr: "" });
    expect(house.cli("verify", "m.onnx", "--key", "signer.pub").status).toBe(0);
    rmSync(house.path("m.onnx.sig"));
  });

  it.for([
    ["stranger", "sign/key-service", "no key key-2"],
    ["locked", "sign/key-service", "permission denied"],
    ["progam", "sign/no-such-key", "no key `progam`"],
  ] as const)("refuse as kms:%s in words, and leave no signature", ([name, code, words]) => {
    const { status, stderr } = house.cli("sign", "m.onnx", "--key", `kms:${name}`, "--json");
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
    expect([status, error.code]).toEqual([code === "sign/no-such-key" ? 4 : 2, code]);
    expect(error.message).toContain(words);
    expect(() => readFileSync(house.path("m.onnx.sig"))).toThrow("ENOENT");
  });

  it("seal models that the service opens by asking them, in memory", async () => {
    for (const [name, recipient] of [
      ["one", "kms:program"],
      ["two", "kms:transit"],
    ] as const) {
      writeFileSync(house.path("plain.onnx"), echoModel(2));
      const { status, stderr } = house.cli("seal", "plain.onnx", "--recipient", recipient, "--out", `models/${name}.onnx.age`);
      expect(`${status} ${stderr}`).toMatch(/^0/);
    }
    rmSync(house.path("plain.onnx"));
    const keep = await house.serve();
    for (const model of ["one", "two"])
      expect((await infer({ ...keep, model, body: JSON.stringify(rowsOf([1, 2])) })).status, model).toBe(200);
    await keep.end();
  }, 120_000);
});
