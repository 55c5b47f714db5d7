import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Explained } from "../../../base/config/index.ts";
import { atLeast } from "../../../base/finding/index.ts";
import { scanPaths } from "../scan/scan.ts";
import { deploy, deployKinds } from "./deploy.ts";

const root = join(import.meta.dirname, "../../../..");
const scratch = mkdtempSync(join(tmpdir(), "modelkeep-deploy-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const set = (path: string, value: unknown): Explained => ({
  path,
  value,
  origin: { kind: "project", where: "modelkeep.yaml" },
  about: undefined,
});
const explained = [
  set("gateway.port", 9000),
  set("models.serve", ["./a.onnx"]),
  set("store.url", "env:DATABASE_URL"),
  { ...set("audit.mode", "strict"), origin: { kind: "default", where: "default" } as const },
];

/** Messages of findings at medium or above. */
async function grave(path: string): Promise<string[]> {
  const { targets } = await scanPaths({ paths: [path] });
  expect(targets.filter(({ status }) => status === "scanned").length).toBeGreaterThan(0);
  return targets.flatMap(({ findings }) =>
    findings.filter(({ severity }) => atLeast(severity, "medium")).map(({ rule, message }) => `${rule} ${message}`),
  );
}

describe("deploy", () => {
  it.for(deployKinds)("%s: scan finds nothing at medium or above in what it writes", async (kind) => {
    const out = join(scratch, kind);
    const { files, secrets } = await deploy({ kind, out, explained });
    expect(files.length).toBeGreaterThan(1);
    expect(secrets).toEqual(["database-url"]);
    if (kind === "systemd") return; // a unit is judged by systemd-analyze, below; there is nothing in it for scan
    expect(await grave(out)).toEqual([]);
  });

  it("our own Dockerfile has nothing at medium or above", async () => {
    expect(await grave(join(root, "deploy/Dockerfile"))).toEqual([]);
  });

  it("carries the chosen settings and names secrets only by file", async () => {
    const values = parse(readFileSync(join(scratch, "helm/values.yaml"), "utf8")) as {
      config: object;
      port: number;
      secretName: string;
    };
    expect(values).toMatchObject({ port: 9000, secretName: "modelkeep-secrets" });
    expect(values.config).toEqual({
      gateway: { port: 9000 },
      models: { serve: ["./a.onnx"] },
      store: { url: "file:/run/secrets/modelkeep/database-url" },
    });
    const compose = readFileSync(join(scratch, "compose/compose.yaml"), "utf8");
    expect(compose).toContain("127.0.0.1:9000:9000");
    expect(parse(compose)).toMatchObject({ secrets: { "database-url": { file: "./secrets/database-url" } } });
    expect(readFileSync(join(scratch, "systemd/modelkeep.service"), "utf8")).toContain("LoadCredential=database-url:");
  });

  it("replaces nothing that is there, unless told to", async () => {
    const again = { kind: "helm", out: join(scratch, "helm"), explained } as const;
    await expect(deploy(again)).rejects.toMatchObject({ code: "api/deploy-exists", exit: 4 });
    await expect(deploy({ ...again, force: true })).resolves.toBeDefined();
  });

  it("its systemd unit is exposed at 2 or less, where systemd-analyze is there to say so", () => {
    const done = spawnSync("systemd-analyze", ["security", "--offline=true", join(root, "deploy/systemd/modelkeep.service")], {
      encoding: "utf8",
    });
    if (done.error !== undefined) return;
    const level = Number(/Overall exposure level[^:]*: ([\d.]+)/.exec(done.stdout + done.stderr)?.[1]);
    expect(level).toBeLessThanOrEqual(2);
  });
});
