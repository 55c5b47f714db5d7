import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf, echoModel, rowsOf } from "../helpers/gateway.ts";
import { infer, openHouse, type House, type RunningKeep } from "../helpers/keep.ts";

const body = JSON.stringify(rowsOf([1, 2]));

interface Entry {
  readonly evidence: {
    readonly kind: string;
    readonly code?: string;
    readonly subject?: { readonly id: string; readonly digest?: string };
    readonly detail?: { readonly scan?: string; readonly signature?: Record<string, unknown>; readonly reason?: string };
  };
}

/** A folder with two keys, one of them trusted, and a model signed by it. */
function openSigned(more: object = {}): House {
  const house = openHouse({
    config: {
      models: { serve: ["models"], requireSignature: true, trustPolicy: "trust.yaml", pollMs: 100, settleMs: 200, ...more },
    },
  });
  mkdirSync(house.path("models"));
  for (const name of ["signer", "stranger"]) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(house.path(`${name}.pem`), privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(house.path(`${name}.pub`), publicKey.export({ type: "spki", format: "pem" }));
  }
  writeFileSync(house.path("trust.yaml"), "version: 1\nsigners:\n  - { name: team, key: signer.pub, scope: 'echo*' }\n");
  return house;
}

const place = (path: string, bytes: Uint8Array): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
};

describe("a service that serves only what is signed", () => {
  let house: House;
  let keep: RunningKeep;
  const at = (name: string): string => house.path("models", name);
  const sign = (name: string, key = "signer"): void => {
    const { status, stderr } = house.cli("sign", at(name), "--key", house.path(`${key}.pem`));
    expect(`${status} ${stderr}`).toMatch(/^0 /);
  };
  const value = async (model: string): Promise<number | string> => {
    const answer = await infer({ ...keep, model, body });
    if (answer.status !== 200) return `${answer.status}`;
    return ((await answer.json()) as { outputs: { data: number[] }[] }).outputs[0]!.data[0]!;
  };
  const entries = (kind: string): Entry["evidence"][] =>
    house.json<Entry[]>("audit", "search", "--kind", kind).map(({ evidence }) => evidence);
  const refusals = (name: string) => entries("model.refused").filter(({ subject }) => subject?.id === at(name));

  beforeAll(async () => {
    house = openSigned();
    place(at("echo.onnx"), echoModel(0));
    sign("echo.onnx");
    place(at("echo-unsigned.onnx"), echoModel(1));
    place(at("echo-strange.onnx"), echoModel(2));
    sign("echo-strange.onnx", "stranger");
    place(at("other.onnx"), echoModel(3));
    sign("other.onnx");
    keep = await house.serve();
  }, 180_000);
  afterAll(() => house.close());

  it("serves the signed one and none of the others, and says so in the log, with digests", async () => {
    expect(await value("echo")).toBe(1);
    for (const name of ["echo-unsigned", "echo-strange", "other"]) expect(await value(name), name).toBe("404");
    expect(entries("model.added")).toMatchObject([
      {
        subject: { digest: digestOf(echoModel(0)) },
        detail: { scan: "passed", signature: { verdict: "verified", signer: "team", method: "key" } },
      },
    ]);
    const said = (name: string) => refusals(name).map(({ code, subject, detail }) => [code, subject?.digest, detail?.signature]);
    expect(said("echo-unsigned.onnx")).toEqual([["models/unsigned", digestOf(echoModel(1)), { verdict: "none" }]]);
    expect(said("echo-strange.onnx")).toMatchObject([
      ["models/untrusted", digestOf(echoModel(2)), { verdict: "refused", reasons: [expect.stringMatching(/^wrong-signer/)] }],
    ]);
    expect(said("other.onnx")).toMatchObject([
      ["models/untrusted", digestOf(echoModel(3)), { reasons: [expect.stringMatching(/^out-of-scope/)] }],
    ]);
  });

  it("keeps the old one when a file is swapped for one that nobody signed, and takes the new one once its signature is there", async () => {
    place(at("echo.onnx"), echoModel(10));
    await expect.poll(() => refusals("echo.onnx").map(({ code }) => code)).toEqual(["models/untrusted"]);
    expect(await value("echo")).toBe(1);
    sign("echo.onnx");
    await expect.poll(() => value("echo")).toBe(11);
  });

  it("believes nobody whom the policy revoked since it started", async () => {
    const key = house.json<{ key: string }>("sign", at("echo.onnx"), "--key", house.path("signer.pem")).key;
    writeFileSync(house.path("trust.yaml"), `${readFileSync(house.path("trust.yaml"), "utf8")}revoked: ["${key}"]\n`);
    place(at("echo.onnx"), echoModel(20));
    sign("echo.onnx");
    await expect.poll(() => refusals("echo.onnx").at(0)?.detail?.reason).toContain("revoked");
    expect(await value("echo")).toBe(11);
  });
});

describe("a service that is pointed at one model", () => {
  let house: House;
  beforeAll(() => void (house = openSigned({ serve: ["models/echo.onnx"] })));
  afterAll(() => house.close());

  it("does not start when nobody signed it, and starts when someone did", async () => {
    place(house.path("models", "echo.onnx"), echoModel(0));
    const said = house.cli("serve", "--port", "0", "--json");
    expect(said.status).toBe(4);
    expect(said.stderr).toContain("models/unsigned");
    expect(house.cli("sign", house.path("models/echo.onnx"), "--key", house.path("signer.pem")).status).toBe(0);
    const keep = await house.serve();
    expect((await infer({ ...keep, model: "echo", body })).status).toBe(200);
  });

  it("is told when it requires signatures and names nobody to believe", () => {
    house.configure({ models: { serve: ["models/echo.onnx"], requireSignature: true } });
    const said = house.cli("config", "explain");
    expect(said.status).toBe(4);
    expect(said.stderr).toContain("trustPolicy");
  });
});
