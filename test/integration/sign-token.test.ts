/** Signing with keys that never leave their token: SoftHSM through OpenSC, by the commands a person runs. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHouse, type House } from "../helpers/keep.ts";

const modulePath = "/usr/lib/softhsm/libsofthsm2.so";
const pin = "648219";
const dir = mkdtempSync(join(tmpdir(), "modelkeep-hsm-"));
const env = { SOFTHSM2_CONF: join(dir, "softhsm2.conf"), MODELKEEP_PIN: pin };
const token = (...words: string[]): void =>
  void execFileSync("pkcs11-tool", ["--module", modulePath, "--token-label", "keep", "--login", "--pin", "env:PIN", ...words], {
    env: { ...process.env, ...env, PIN: pin },
    stdio: "pipe",
  });

let house: House;
beforeAll(() => {
  mkdirSync(join(dir, "tokens"));
  writeFileSync(env.SOFTHSM2_CONF, `directories.tokendir = ${join(dir, "tokens")}\nobjectstore.backend = file\n`);
  execFileSync("softhsm2-util", ["--init-token", "--free", "--label", "keep", "--pin", pin, "--so-pin", "11223344"], {
    env: { ...process.env, ...env },
    stdio: "pipe",
  });
  const keys = [
    ["EC:prime256v1", "signer", "01"],
    ["EC:prime256v1", "other", "02"],
    ["rsa:2048", "twin", "03"],
    ["EC:prime256v1", "twin", "04"],
  ] as const;
  for (const [type, label, id] of keys) token("--keypairgen", "--key-type", type, "--label", label, "--id", id);
  house = openHouse({ env });
  mkdirSync(house.path("model"));
  writeFileSync(house.path("model", "weights.bin"), "weights");
  for (const id of ["01", "02"]) {
    token("--read-object", "--type", "pubkey", "--id", id, "--output-file", house.path(`${id}.der`));
    const words = ["pkey", "-pubin", "-inform", "DER", "-in", house.path(`${id}.der`), "-out", house.path(`${id}.pem`)];
    execFileSync("openssl", words);
  }
});
afterAll(async () => {
  await house?.close();
  rmSync(dir, { recursive: true, force: true });
});

const named = (key: string): string => `pkcs11:token=keep;${key}?module-path=${modulePath}`;

describe("a key on a token", () => {
  it("signs a model, which verifies under its public half and under no other", () => {
    const { status, stderr } = house.cli("sign", "model", "--key", named("object=signer"));
    expect(`${status} ${stderr}`).toMatch(/^0/);
    expect(house.cli("verify", "model", "--key", "01.pem").status).toBe(0);
    expect(house.cli("verify", "model", "--key", "02.pem").status).toBe(1);
  });

  it.for([
    ["whose label two keys have", named("object=twin"), {}, "2 times"],
    ["that is not there", named("object=nobody"), {}, "is not on the token"],
    ["on a token that is not there", named("object=signer").replace("token=keep", "token=none"), {}, "did not answer"],
    ["that a wrong PIN asks for", named("object=signer"), { MODELKEEP_PIN: "0000" }, "refuses the PIN"],
  ] as const)("%s signs nothing, and the error says why without the PIN", ([, key, other, message]) => {
    const elsewhere = openHouse({ env: { ...env, ...other } });
    try {
      writeFileSync(elsewhere.path("m.bin"), "weights");
      const { status, stdout, stderr } = elsewhere.cli("sign", "m.bin", "--key", key);
      expect(status).toBe(4);
      expect(stderr).toContain(message);
      expect(stdout + stderr).not.toContain(pin);
      expect(() => readFileSync(elsewhere.path("m.bin.sig"))).toThrow();
    } finally {
      void elsewhere.close();
    }
  });

  it("is one of two with the same label when it is named by its id", () => {
    writeFileSync(house.path("one.bin"), "weights");
    const { status, stderr } = house.cli("sign", "one.bin", "--key", named("id=%04"));
    expect(`${status} ${stderr}`).toMatch(/^0/);
  });
});
