/** Bills of materials of what is served: asked of the running service, signed, and verified against the file. */
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cycloneDxErrors } from "../helpers/cyclonedx.ts";
import { digestOf, echoModel } from "../helpers/gateway.ts";
import { openHouse, type House } from "../helpers/keep.ts";

interface Read {
  readonly metadata: {
    readonly component: {
      readonly version: string;
      readonly hashes: { content: string }[];
      readonly properties: object[];
      readonly modelCard: object;
    };
  };
}

describe("the bills of materials of what is served", () => {
  let house: House;
  const bytes = echoModel(1);

  beforeAll(async () => {
    const models = { serve: ["models"], requireSignature: true, trustPolicy: "trust.yaml" };
    house = openHouse({ config: { models } });
    mkdirSync(house.path("models"));
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(house.path("signer.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(house.path("signer.pub"), publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(house.path("trust.yaml"), "version: 1\nsigners:\n  - { name: team, key: signer.pub }\n");
    for (const [name, model] of [
      ["one", bytes],
      ["two", echoModel(2)],
    ] as const) {
      writeFileSync(house.path("models", `${name}.onnx`), model);
      expect(house.cli("sign", house.path("models", `${name}.onnx`), "--key", "signer.pem").status).toBe(0);
    }
    await house.serve();
  }, 180_000);
  afterAll(() => house.close());

  it("name the bytes that were loaded, and whom the gate believed", () => {
    const bom = house.json<Read>("bom", "--served", "--model", "one");
    expect(cycloneDxErrors(bom)).toEqual([]);
    const { version, hashes, properties } = bom.metadata.component;
    expect([version, hashes[0]!.content]).toEqual(["1", digestOf(bytes).slice(7)]);
    expect(properties).toEqual(
      expect.arrayContaining([
        { name: "modelkeep:signature", value: "verified" },
        { name: "modelkeep:signer", value: "team" },
      ]),
    );
  });

  it("are written each into a folder and signed, and verify against the served file alone", () => {
    const written = house.json<object[]>("bom", "--served", "--out", "boms", "--key", "signer.pem");
    expect(written).toHaveLength(2);
    expect(cycloneDxErrors(JSON.parse(readFileSync(house.path("boms/two-1.cdx.json"), "utf8")))).toEqual([]);
    const check = (file: string) =>
      house.cli(
        "verify",
        `models/${file}`,
        "--attestation",
        "cyclonedx",
        "--key",
        "signer.pub",
        "--signature",
        "boms/one-1.cyclonedx.sigstore.json",
      ).status;
    expect([check("one.onnx"), check("two.onnx")]).toEqual([0, 1]);
  });

  it("are refused in words where it is not clear which, and end with 3 where there is none", () => {
    expect(house.cli("bom", "--served")).toMatchObject({ status: 4, stdout: "" });
    expect(house.cli("bom", "--served", "--model", "none")).toMatchObject({ status: 3, stdout: "" });
  });
});
