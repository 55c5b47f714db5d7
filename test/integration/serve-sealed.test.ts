import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { digestOf, echoModel, rowsOf } from "../helpers/gateway.ts";
import { infer, openHouse, type House, type RunningKeep } from "../helpers/keep.ts";

const body = JSON.stringify(rowsOf([1, 2]));

describe("a service that is given sealed models", () => {
  let house: House;
  let keep: RunningKeep;
  const plain = echoModel(7);

  beforeAll(async () => {
    house = openHouse({
      config: {
        models: { serve: ["models"], identities: ["file:identity.txt"], requireSignature: true, trustPolicy: "trust.yaml" },
      },
    });
    mkdirSync(house.path("models"));
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(house.path("signer.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(house.path("signer.pub"), publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(house.path("trust.yaml"), "version: 1\nsigners:\n  - { name: team, key: signer.pub }\n");
    const identity = await generateX25519Identity();
    writeFileSync(house.path("identity.txt"), `# a key\n${identity}\n`, { mode: 0o600 });
    const ours = await identityToRecipient(identity);
    const others = await identityToRecipient(await generateX25519Identity());
    const make = (name: string, recipient: string, signSealed = true) => {
      const file = house.path("models", `${name}.onnx`);
      writeFileSync(file, plain);
      if (!signSealed) expect(house.cli("sign", file, "--key", house.path("signer.pem")).status).toBe(0);
      expect(house.cli("seal", file, "--recipient", recipient).status).toBe(0);
      rmSync(file);
      if (signSealed) expect(house.cli("sign", `${file}.age`, "--key", house.path("signer.pem")).status).toBe(0);
    };
    make("sealed", ours);
    make("inside", ours, false);
    make("others", others);
    make("cut", ours, false);
    truncateSync(house.path("models", "cut.onnx.age"), plain.length);
    make("changed", ours, false);
    const changed = readFileSync(house.path("models", "changed.onnx.age"));
    changed[changed.length - 20]! ^= 1;
    writeFileSync(house.path("models", "changed.onnx.age"), changed);
    keep = await house.serve();
  }, 300_000);
  afterAll(() => house.close());

  it("serves what it can open, signed before or after sealing, and nothing of the rest", async () => {
    const status = async (model: string) => (await infer({ ...keep, model, body })).status;
    expect(await status("sealed")).toBe(200);
    expect(await status("inside")).toBe(200);
    for (const name of ["others", "cut", "changed"]) expect(await status(name), name).toBe(404);
    const entries = house.json<
      { evidence: { kind: string; code?: string; subject: { digest?: string }; detail: { sealed?: string } } }[]
    >("audit", "search", "--limit", "100");
    const refused = entries.filter(({ evidence }) => evidence.kind === "model.refused").map(({ evidence }) => evidence.code);
    expect(refused).toEqual(["models/sealed", "models/sealed", "models/sealed"]);
    const added = entries.filter(({ evidence }) => evidence.kind === "model.added").map(({ evidence }) => evidence);
    for (const { subject, detail } of added) {
      expect(subject.digest).toBe(digestOf(plain));
      expect(detail.sealed).toMatch(/^sha256:/);
    }
  });

  it("never writes the plaintext anywhere", () => {
    const needle = Buffer.from(plain).subarray(-64);
    const files = readdirSync(house.path("."), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) expect(readFileSync(join(file.parentPath, file.name)).includes(needle), file.name).toBe(false);
    // Nor does any process of the service hold a file open that nobody sees any more.
    const pids = [
      keep.child.pid!,
      ...execFileSync("pgrep", ["-P", String(keep.child.pid!)], { encoding: "utf8" })
        .trim()
        .split("\n"),
    ];
    for (const pid of pids) {
      for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
        const target = execFileSync("readlink", [`/proc/${pid}/fd/${descriptor}`], { encoding: "utf8" });
        expect(target).not.toMatch(/onnx|\(deleted\)/);
      }
    }
  });
});
