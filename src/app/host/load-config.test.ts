import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { configJsonSchema } from "../../base/config/index.ts";
import { loadHostConfig, modelkeepConfig } from "./index.ts";

const root = await realpath(await mkdtemp(join(tmpdir(), "modelkeep-config-")));
afterAll(() => rm(root, { recursive: true, force: true }));
const env = { HOME: root, XDG_CONFIG_HOME: join(root, "xdg") };

describe("the host's configuration", () => {
  it("without a file is defaults, with the state folder in the current folder", async () => {
    const cwd = join(root, "empty");
    await mkdir(cwd);
    const config = await loadHostConfig({ cwd, env });
    expect([config.file, config.baseDir, config.stateDir]).toEqual([undefined, cwd, join(cwd, ".modelkeep")]);
    expect(config.value.gateway).toMatchObject({ host: "127.0.0.1", port: 8080 });
    expect(config.value.audit.mode).toBe("strict");
  });

  it("takes paths of the file from where the file lies, and a path given as a flag from where the person stands", async () => {
    const project = join(root, "project");
    await mkdir(project);
    await writeFile(join(project, "modelkeep.yaml"), "state: kept\n");
    const fromElsewhere = { file: join(project, "modelkeep.yaml"), cwd: root, env };
    expect((await loadHostConfig(fromElsewhere)).stateDir).toBe(join(project, "kept"));
    const flags = { tree: { state: "here" }, names: new Map([["state", "--state"]]) };
    expect((await loadHostConfig({ ...fromElsewhere, flags })).stateDir).toBe(join(root, "here"));
  });

  it("finds modelkeep.yaml of the current folder, and the user's file below it", async () => {
    const cwd = join(root, "found");
    await mkdir(cwd);
    await mkdir(join(root, "xdg/modelkeep"), { recursive: true });
    await writeFile(join(cwd, "modelkeep.yaml"), "gateway: { port: 1 }\n");
    await writeFile(join(root, "xdg/modelkeep/config.yaml"), "gateway: { port: 2, host: 10.0.0.1 }\n");
    const { value } = await loadHostConfig({ cwd, env });
    expect([value.gateway.port, value.gateway.host]).toEqual([1, "10.0.0.1"]);
    await rm(join(root, "xdg"), { recursive: true });
  });

  it("takes a variable over the file, and names the variable when it is wrong", async () => {
    const cwd = join(root, "found");
    const good = await loadHostConfig({ cwd, env: { ...env, MODELKEEP_GATEWAY__PORT: "9" } });
    expect(good.value.gateway.port).toBe(9);
    await expect(loadHostConfig({ cwd, env: { ...env, MODELKEEP_GATEWAY__PROT: "9" } })).rejects.toMatchObject({
      code: "config/unknown-key",
      message: expect.stringContaining("MODELKEEP_GATEWAY__PROT"),
      hint: "did you mean `gateway.port`?",
    });
  });

  it("describes every one of its keys", () => {
    const bare: string[] = [];
    const walk = (node: { properties?: Record<string, never>; description?: string }, path: string): void => {
      for (const [name, child] of Object.entries(node.properties ?? {}) as [string, typeof node][]) {
        if (child.description === undefined && child.properties === undefined) bare.push(`${path}${name}`);
        walk(child, `${path}${name}.`);
      }
    };
    walk(configJsonSchema(modelkeepConfig), "");
    expect(bare).toEqual([]);
  });
});
