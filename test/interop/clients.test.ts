import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { datatypes, wireTypeOf } from "../../src/guard/gateway/protocol/datatypes.ts";
import { GraphBuilder, writeModel } from "../../src/model/onnx/index.ts";
import { openWorld, type World } from "../helpers/gateway.ts";
import { pythonWith } from "../helpers/python.ts";

const packages = readFileSync(new URL("python/requirements.txt", import.meta.url), "utf8")
  .trim()
  .split("\n");

/** Gives back an input of each datatype that both clients can send. */
function typesModel(): Uint8Array {
  const b = new GraphBuilder({ name: "types" });
  for (const name of datatypes) {
    if (name === "BF16") continue; // kserve does not know it
    const type = wireTypeOf(name)!;
    b.call({ op: "Identity", inputs: [b.input(name, type, ["N", 2])], outputs: [`${name}_out`] });
    b.output(`${name}_out`, type, ["N", 2]);
  }
  return writeModel(b.model());
}

interface Seen {
  readonly tritonclient: Record<string, unknown> & {
    readonly wrong: Record<string, [string, string] | null>;
    readonly model: { readonly inputs: readonly unknown[] };
  };
  readonly kserve: Record<string, unknown>;
}

let world: World;
let seen: Seen;
beforeAll(async () => {
  const python = pythonWith(packages);
  world = await openWorld({ files: { "types.onnx": typesModel() }, firewall: { bans: { automatic: false } } });
  const script = fileURLToPath(new URL("python/call_server.py", import.meta.url));
  const { stdout } = await promisify(execFile)(python, [script, `127.0.0.1:${world.port}`, world.key], { maxBuffer: 2 ** 24 });
  seen = JSON.parse(stdout.slice(stdout.lastIndexOf("\n{") + 1)) as Seen;
}, 600_000);
afterAll(() => world?.close());

describe.for(["tritonclient", "kserve"] as const)("%s", (client) => {
  it("finds the server live and ready, and the model ready", () => {
    expect(seen[client]).toMatchObject({ live: true, ready: true, modelReady: true, missingReady: false });
  });

  it("gets back what it sent, for every datatype, in binary form and in JSON", () => {
    expect(seen[client]).toMatchObject({ binary: true, binaryId: "42", json: true, jsonId: "42" });
  });
});

describe("tritonclient", () => {
  it("reads the metadata", () => {
    expect(seen.tritonclient).toMatchObject({
      versionReady: true,
      server: { name: "modelkeep", extensions: ["binary_tensor_data", "parameters"] },
      model: { name: "types", versions: ["1"], platform: "onnxruntime_onnx" },
    });
    expect(seen.tritonclient.model.inputs).toContainEqual({
      name: "FP16",
      datatype: "FP16",
      shape: [-1, 2],
      parameters: { dims: ["N", 2] },
    });
  });

  it("gets all outputs in binary form when it names none", () => {
    expect(seen.tritonclient["default"]).toBe(true);
  });

  it.for([
    ["missing", "400", "the request has no input `FP32`"],
    ["shape", "400", "input `FP32` has shape [1,3], the model takes [N,2]"],
    ["key", "401", "the credential is not valid"],
    ["model", "404", "there is no such model, or you may not use it"],
    ["gzip", "415", "gzip"],
    ["classes", "400", "classification"],
  ] as const)("shows the user what is wrong: %s", ([kind, status, message]) => {
    const [gotStatus, gotMessage] = seen.tritonclient.wrong[kind]!;
    expect(gotStatus).toBe(status);
    expect(gotMessage).toContain(message);
  });
});
