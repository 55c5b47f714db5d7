import { expect, it } from "vitest";
import { configEvidence } from "./config-evidence.ts";
import { loadHostConfig } from "./load-config.ts";

const load = (env: Record<string, string>) => loadHostConfig({ env: { XDG_CONFIG_HOME: "/nowhere", ...env }, cwd: "/nowhere" });

it("the evidence of a configuration names what was set, and its digest tells two configurations apart", async () => {
  const plain = configEvidence(await load({}));
  const set = configEvidence(await load({ MODELKEEP_AUDIT__MODE: "async", MODELKEEP_STORE__URL: "env:DATABASE_URL" }));
  expect(plain).toMatchObject({ file: null, set: {} });
  expect(set["set"]).toEqual({ "audit.mode": "async", "store.url": "env:DATABASE_URL" });
  expect(set["digest"]).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(set["digest"]).not.toBe(plain["digest"]);
  expect(configEvidence(await load({}))).toEqual(plain);
});
