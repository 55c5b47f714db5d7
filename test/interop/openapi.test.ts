import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorld, type World } from "../helpers/gateway.ts";
import { pythonWith } from "../helpers/python.ts";

// Schemathesis makes requests from the published document, good and bad ones, and holds the answers against it.
const packages = ["schemathesis==4.32.5"];
const run = promisify(execFile);

let world: World;
let dir: string;
beforeAll(async () => {
  pythonWith(packages);
  dir = mkdtempSync(join(tmpdir(), "modelkeep-schemathesis-"));
  const limits = { stranger: { perSecond: 10_000 }, strangers: { perSecond: 10_000 } };
  world = await openWorld({ firewall: { bans: { automatic: false }, limits } });
}, 600_000);
afterAll(async () => {
  await world.close();
  rmSync(dir, { recursive: true });
});

/** The report, and how many requests were made. Fails with the report when anything was found. */
async function schemathesis({ config = "", options = [] }: { config?: string; options?: readonly string[] }): Promise<number> {
  const file = join(dir, "schemathesis.toml");
  writeFileSync(file, config);
  const command = ["--config-file", file, "run", `${world.gateway.url}/openapi.json`, "--seed", "7", "--no-color", ...options];
  const outcome = await run(pythonWith(packages), ["-m", "schemathesis.cli", ...command], { maxBuffer: 2 ** 26, cwd: dir }).catch(
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
  const report = outcome.stdout + outcome.stderr;
  expect("code" in outcome, report).toBe(false);
  return Number(/(\d+) generated, \d+ passed/.exec(report)?.[1] ?? 0);
}

// A schema cannot say that the data is as long as the shape says, nor which shapes a model takes: a request that is good by the document
// alone may still be refused with 400. Every other check is on.
const asCaller = () => ["-H", `Authorization: Bearer ${world.key}`, "--exclude-checks", "positive_data_acceptance"];

describe("the OpenAPI document, by schemathesis", () => {
  it("says what the server does, to a caller", async () => {
    expect(await schemathesis({ options: [...asCaller(), "--max-examples", "50"] })).toBeGreaterThan(500);
  });

  it("says what the server does, to a stranger", async () => {
    expect(await schemathesis({ options: ["--max-examples", "20"] })).toBeGreaterThan(300);
  });

  it("says what a model answers, good requests and bad ones", async () => {
    const config = '[parameters]\n"path.model_name" = "echo"\n"path.model_version" = "1"\n';
    expect(await schemathesis({ config, options: [...asCaller(), "--max-examples", "50"] })).toBeGreaterThan(500);
  });
});
