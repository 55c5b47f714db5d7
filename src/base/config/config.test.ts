import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isModelkeepError } from "../error/index.ts";
import { configJsonSchema, environmentLayer, flagLayer, loadConfig, parseConfigText, secretReference } from "./index.ts";
import { readSecret } from "./index.node.ts";
import type { Layer } from "./index.ts";

const schema = z.strictObject({
  state: z.string().default(".modelkeep").describe("folder of all state"),
  server: z
    .strictObject({
      host: z.string().default("127.0.0.1").describe("address to listen on"),
      port: z.int().min(0).max(65_535).default(8080).describe("TCP port, 0 picks a free one"),
      maxBodyBytes: z.int().positive().default(1024).describe("largest body"),
    })
    .prefault({}),
  models: z.array(z.strictObject({ path: z.string().describe("file"), name: z.string().optional() })).default([]),
  limits: z.record(z.string(), z.strictObject({ rate: z.number().describe("requests a second") })).default({}),
});

function project(text: string): Layer {
  const { tree, where } = parseConfigText(text, "modelkeep.yaml");
  return { kind: "project", tree, where };
}

function refusal(text: string): { code: string; message: string; hint: string | undefined } {
  try {
    loadConfig(schema, [project(text)]);
  } catch (error) {
    if (isModelkeepError(error)) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error("was accepted");
}

describe("a configuration", () => {
  it("takes flag over environment over project over default, key by key", () => {
    const { value } = loadConfig(schema, [
      project("server: { port: 1, host: 0.0.0.0, maxBodyBytes: 7 }"),
      environmentLayer({ MODELKEEP_SERVER__PORT: "2", MODELKEEP_SERVER__HOST: "::1", OTHER: "x" }),
      flagLayer({ server: { port: 3 } }, new Map([["server.port", "--port"]])),
    ]);
    expect(value.server).toEqual({ port: 3, host: "::1", maxBodyBytes: 7 });
    expect(value.state).toBe(".modelkeep");
  });

  it("says of each effective value where it came from and what it means", () => {
    const layers = [
      project("server:\n  port: 1\nmodels:\n  - path: a.onnx\n"),
      environmentLayer({ MODELKEEP_SERVER__MAX_BODY_BYTES: "9" }),
      flagLayer({ state: "/s" }, new Map([["state", "--state"]])),
    ];
    const rows = loadConfig(schema, layers).explain();
    expect(rows.map(({ path, value, origin }) => [path, value, origin.where])).toEqual([
      ["state", "/s", "--state"],
      ["server.host", "127.0.0.1", "default"],
      ["server.port", 1, "modelkeep.yaml:2:9"],
      ["server.maxBodyBytes", 9, "MODELKEEP_SERVER__MAX_BODY_BYTES"],
      ["models.0.path", "a.onnx", "modelkeep.yaml:4:11"],
      ["limits", {}, "default"],
    ]);
    expect(rows[2]!.about).toBe("TCP port, 0 picks a free one");
  });

  it.for([
    ["server:\n  prot: 1\n", "modelkeep.yaml:2:9: unknown key `server.prot`", "did you mean `server.port`?"],
    ["server:\n  port: 1\nsever:\n  port: 1\n", "modelkeep.yaml:3:1: unknown key `sever`", "did you mean `server`?"],
    ["sever: {}\n", "modelkeep.yaml:1:8: unknown key `sever`", "did you mean `server`?"],
    ["models:\n  - path: x\n    nmae: y\n", "modelkeep.yaml:3:11: unknown key `models.0.nmae`", "did you mean `models.0.name`?"],
    [
      "limits:\n  alice: { rat: 1 }\n",
      "modelkeep.yaml:2:17: unknown key `limits.alice.rat`",
      "did you mean `limits.alice.rate`?",
    ],
    ["__proto__: { a: 1 }\n", "modelkeep.yaml:1:12: unknown key `__proto__`", "known here: state, server, models, limits"],
  ])("with a typo names line and nearest key: %j", ([text, message, hint]) => {
    expect(refusal(text!)).toEqual({ code: "config/unknown-key", message, hint });
  });

  it("with a wrong value says what the key takes", () => {
    expect(refusal("server:\n  port: many\n")).toEqual({
      code: "config/invalid",
      message: "modelkeep.yaml:2:9: `server.port`: invalid input: expected number, received string",
      hint: "TCP port, 0 picks a free one",
    });
  });

  it.for([
    ["a: 1\na: 2\n", "modelkeep.yaml:2:1"],
    ["a: [1\n", "modelkeep.yaml:2:1"],
    ["- 1\n", "modelkeep.yaml"],
    ["a: !!js/function 'x'\n", "modelkeep.yaml:1:4"],
    [
      `a: &a [x,x]\n${"bcdefghij".replaceAll(/./g, (k) => `${k}: &${k} [*${String.fromCharCode(k.charCodeAt(0) - 1)},*${String.fromCharCode(k.charCodeAt(0) - 1)}]\n`)}`,
      "modelkeep.yaml",
    ],
  ])("that is not plain YAML is refused with its place: %j", ([text, where]) => {
    expect(() => loadConfig(schema, [project(text!)])).toThrow(
      expect.objectContaining({ code: "config/not-yaml", message: expect.stringContaining(where!) }) as Error,
    );
  });

  it("of any bytes is either read or refused with one of our codes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        try {
          loadConfig(schema, [project(text)]);
        } catch (error) {
          if (!isModelkeepError(error)) throw error;
          expect(error.code).toMatch(/^config\//);
        }
      }),
    );
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });

  it("exports a JSON Schema in which every key is described", () => {
    const json = configJsonSchema(schema) as {
      properties: { server: { properties: { port: unknown } } };
      additionalProperties: boolean;
    };
    expect(json.additionalProperties).toBe(false);
    expect(json.properties.server.properties.port).toMatchObject({
      type: "integer",
      default: 8080,
      description: "TCP port, 0 picks a free one",
    });
  });
});

describe("a secret", () => {
  it("that is given itself where a reference belongs is refused without being shown again", async () => {
    const refused = readSecret("hunter2");
    await expect(refused).rejects.toMatchObject({ code: "config/bad-secret", exit: 4 });
    await expect(refused).rejects.not.toThrow("hunter2");
  });

  it("is taken as a reference and refused as itself", () => {
    expect(["file:/run/key", "env:DB_URL", "stdin"].map((text) => secretReference.safeParse(text).success)).toEqual([
      true,
      true,
      true,
    ]);
    expect(["hunter2", "env:", "file:", "postgres://u:p@h/db"].map((text) => secretReference.safeParse(text).success)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
