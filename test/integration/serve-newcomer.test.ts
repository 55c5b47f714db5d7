import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanEnv, infer, openHouse, unprintable, type House, type RunningKeep } from "../helpers/keep.ts";

interface KeyMade {
  readonly id: string;
  readonly key: string;
  readonly principal: string;
}

interface Verdict {
  readonly ok: boolean;
  readonly size: number;
  readonly root: string;
  readonly firstBad: number | null;
}

describe("a newcomer who serves the bundled classifier", () => {
  let house: House;
  let keep: RunningKeep;
  beforeAll(async () => {
    house = openHouse();
    keep = await house.serve();
  }, 120_000);
  afterAll(() => house.close());

  it("gets exactly one line, when requests are taken", async () => {
    expect(keep.stdout().trimEnd().split("\n").length).toBe(1);
    expect(keep).toMatchObject({ event: "ready", models: [{ name: "digits", version: "1", isolation: "worker" }] });
    expect((await infer(keep)).status).toBe(200);
  });

  it("has a state folder and a first key that are theirs alone", () => {
    expect(statSync(house.stateDir).mode & 0o777).toBe(0o700);
    expect(statSync(keep.firstKey!).mode & 0o777).toBe(0o600);
    expect(keep.firstKey).toBe(house.path(".modelkeep", "first-key"));
  });

  it("is refused without a key, and told what to send", async () => {
    const answer = await infer({ url: keep.url });
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain("Authorization: Bearer");
  });

  it("makes a key that works at once, within what it was made for", async () => {
    const flags = ["--principal", "alice", "--role", "caller", "--models", "digits", "--from", "127.0.0.0/8", "--expires", "90d"];
    const made = house.json<KeyMade>("keys", "create", ...flags);
    expect(made).toMatchObject({ id: expect.stringMatching(/^mk_/), key: expect.stringMatching(/^mk_/), principal: "alice" });
    expect((await infer({ url: keep.url, key: made.key })).status).toBe(200);
    const elsewhere = house.json<KeyMade>("keys", "create", "--principal", "bob", "--role", "caller", "--from", "10.0.0.0/8");
    expect((await infer({ url: keep.url, key: elsewhere.key })).status).toBe(401);
    const other = house.json<KeyMade>("keys", "create", "--principal", "carol", "--role", "caller", "--models", "other");
    expect((await infer({ url: keep.url, key: other.key })).status).toBe(404);
  });

  it("lists keys without a secret in them", () => {
    const made = house.json<KeyMade>("keys", "create", "--principal", "dora", "--role", "caller");
    const { stdout } = house.cli("keys", "list", "--json");
    expect(stdout).toContain(made.id);
    expect(stdout).not.toContain(made.key);
    expect(house.cli("keys", "list").stdout).toContain("dora");
  });

  it("rotates a key: both work in the overlap, only the new one without", async () => {
    const old = house.json<KeyMade>("keys", "create", "--principal", "erin", "--role", "caller");
    const next = house.json<KeyMade>("keys", "rotate", old.id, "--overlap", "1h");
    const both = [(await infer({ ...keep, key: old.key })).status, (await infer({ ...keep, key: next.key })).status];
    expect(both).toEqual([200, 200]);
    const last = house.json<KeyMade>("keys", "rotate", next.id, "--overlap", "0");
    expect((await infer({ ...keep, key: next.key })).status).toBe(401);
    expect((await infer({ ...keep, key: last.key })).status).toBe(200);
  });

  it("revokes a key before the command returns", async () => {
    const made = house.json<KeyMade>("keys", "create", "--principal", "frank", "--role", "caller");
    expect((await infer({ ...keep, key: made.key })).status).toBe(200);
    expect(house.cli("keys", "revoke", made.id, "--reason", "laptop lost").status).toBe(0);
    expect((await infer({ ...keep, key: made.key })).status).toBe(401);
  });

  it("cannot lock the last admin out", () => {
    const [admin] = house.json<{ id: string }[]>("keys", "list", "--principal", "admin");
    const said = house.cli("keys", "revoke", admin!.id);
    expect(said.status).toBe(1);
    expect(said.stderr).toMatch(/last/);
  });

  it("sees the answer in the log, proves it, and verifies the whole", async () => {
    const answer = await infer(keep);
    const index = answer.headers.get("x-modelkeep-entry")!;
    const shown = house.json<{ evidence: { kind: string; actor: { principal: string } } }>("audit", "show", index);
    expect(shown.evidence).toMatchObject({ kind: "inference.answered", actor: { principal: "admin" } });
    expect(house.cli("audit", "prove", index).stdout).toMatch(/^c2sp\.org\/tlog-proof@v1\n/);
    const verdict = house.json<Verdict>("audit", "verify");
    expect(verdict).toMatchObject({ ok: true, root: expect.any(String), firstBad: null });
    expect(verdict.size).toBeGreaterThan(Number(index));
    const searched = house.json<unknown[]>("audit", "search", "--principal", "admin", "--model", "digits");
    expect(searched.length).toBeGreaterThan(0);
  });

  it("exports every entry, in order, as JSON lines and as CSV", () => {
    const lines = house.cli("audit", "export").stdout.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { index: number }).index)).toEqual([...lines.keys()]);
    const csv = house.cli("audit", "export", "--format", "csv").stdout.trimEnd().split("\n");
    expect(csv.length).toBeGreaterThan(lines.length);
  });

  it("bans and lifts", () => {
    const ban = house.json<{ id: string }>("bans", "set", "203.0.113.7", "--reason", "scraping", "--for", "1h");
    expect(house.json<{ id: string }[]>("bans", "list").map(({ id }) => id)).toContain(ban.id);
    expect(house.cli("bans", "lift", "203.0.113.7").status).toBe(0);
    expect(house.json<unknown[]>("bans", "list")).toEqual([]);
  });

  it("tests and explains policies, lists models, and reads the configuration and the doctor's findings as JSON", () => {
    const table = house.json<{ role: string; action: string; resource: string; allowed: boolean }[]>("policy", "test");
    expect(table.some(({ role, action, allowed }) => role === "caller" && action === "infer" && allowed)).toBe(true);
    const why = ["policy", "explain", "--principal", "admin", "--action", "infer", "--model", "digits"];
    expect(house.json<{ decision: { allowed: boolean } }[]>(...why)[0]!.decision.allowed).toBe(true);
    expect(house.json<{ name: string }[]>("models", "list")).toMatchObject([{ name: "digits", version: "1" }]);
    expect(house.json<{ path: string }[]>("config", "explain", "gateway").some(({ path }) => path === "gateway.port")).toBe(true);
    const said = house.cli("doctor", "--json");
    expect([0, 1]).toContain(said.status);
    expect((JSON.parse(said.stdout) as { targets: unknown[] }).targets.length).toBeGreaterThan(4);
  });

  it("is told by one line and a hint, exit 4, what was wrong with the words", async () => {
    const wrong = [
      ["kesy"],
      ["keys", "lst"],
      ["keys", "create"],
      ["keys", "create", "--principal", "x", "--role", "wizard"],
      ["keys", "create", "--principal", "x", "--role", "caller", "--from", "10.0.0.0/99"],
      ["keys", "create", "--principal", "x", "--role", "caller", "--from", "10.1.0.0/8"],
      ["keys", "create", "--principal", "x", "--role", "caller", "--expires", "-1d"],
      ["keys", "create", "--principal", "", "--role", "caller"],
      ["keys", "create", "--principal", "x\n\u001b[31m", "--role", "caller"],
      ["keys", "rotate"],
      ["audit", "show", "x"],
      ["audit", "search", "--outcome", "sideways"],
      ["audit", "search", "--limit", "0"],
      ["audit", "export", "--format", "xml"],
      ["audit", "verify", "--checkpoint", "nowhere"],
      ["bans", "set", "203.0.113.7"],
      ["bans", "set", "not an address", "--reason", "x"],
      ["policy", "explain", "--principal", "admin", "--action", "fly"],
      ["config", "explain", "gatewy"],
      ["doctor", "--fail-on", "hig"],
      ["serve", "--port", "99999"],
      ["serve", "--frobnicate"],
      ["serve", "nowhere.onnx"],
    ];
    for (let at = 0; at < wrong.length; at += 4) {
      await Promise.all(
        wrong.slice(at, at + 4).map(async (words) => {
          const { status, stdout, stderr } = await house.run(...words);
          expect(`${words.join(" ")}: ${status} ${stdout}`).toBe(`${words.join(" ")}: 4 `);
          expect(stderr, words.join(" ")).toMatch(/hint:|--help|Did you mean|must be|is no|no key/);
          expect(unprintable(stderr), words.join(" ")).toEqual([]);
          expect(stderr, words.join(" ")).not.toMatch(/ {4}at /);
        }),
      );
    }
  });

  it("is told what does not exist with exit codes that are no success", () => {
    expect(house.cli("audit", "show", "999999").status).toBe(3);
    for (const words of [
      ["keys", "revoke", "mk_aaaaaaaaaaaa"],
      ["keys", "rotate", "mk_aaaaaaaaaaaa"],
      ["bans", "lift", "198.51.100.1"],
      ["audit", "prove", "999999"],
    ]) {
      const { status, stderr } = house.cli(...words);
      expect(status, words.join(" ")).toBeGreaterThan(0);
      expect(stderr, words.join(" ")).toMatch(/hint:/);
    }
  });

  it("may end a pipe early", () => {
    const command = `"${process.execPath}" "$BIN" audit export | head -c 1 > /dev/null; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", command], {
      cwd: house.dir,
      env: cleanEnv(house.dir, { BIN: new URL("../../bin/modelkeep.js", import.meta.url).pathname }),
      encoding: "utf8",
    });
    expect(stderr).not.toMatch(/EPIPE| {4}at /);
    expect(stdout).toMatch(/^(0|141)\n/);
  });

  it("finds everything again after the service has ended, without it", async () => {
    expect(await keep.end()).toEqual({ code: 0, signal: null });
    expect(house.json<unknown[]>("keys", "list").length).toBeGreaterThan(2);
    expect(house.json<Verdict>("audit", "verify").ok).toBe(true);
    expect(house.json<unknown[]>("audit", "search", "--kind", "service.stopped").length).toBe(1);
    const said = house.cli("models", "list");
    expect(said.status).toBeGreaterThan(0);
    expect(said.stderr).toContain("hint:");
    expect(existsSync(house.path(".modelkeep", "lock"))).toBe(false);
    const made = house.json<KeyMade>("keys", "create", "--principal", "offline", "--role", "caller");
    expect(house.cli("keys", "revoke", made.id).status).toBe(0);
    expect(house.cli("policy", "test", "--json").status).toBe(0);
    expect(house.cli("bans", "list", "--json").status).toBe(0);
  });
});

describe("the text that serve prints", () => {
  it("has a curl line that works as it stands", async () => {
    const house = openHouse();
    try {
      const { child, exited } = house.launch({ args: [] });
      child.kill("SIGKILL");
      await exited;
      const command = `"${process.execPath}" "$BIN" serve --port 0 > said & pid=$!
        until grep -q -- '-d "' said; do kill -0 $pid || exit 9; sleep 0.1; done
        sed -n '/try it/,$p' said | sed 1d > line; bash line; code=$?; kill $pid; wait $pid; exit $code`;
      const said = spawnSync("bash", ["-c", command], {
        cwd: house.dir,
        env: cleanEnv(house.dir, { BIN: new URL("../../bin/modelkeep.js", import.meta.url).pathname }),
        encoding: "utf8",
        timeout: 60_000,
      });
      expect(said.status, said.stderr).toBe(0);
      expect(JSON.parse(said.stdout)).toMatchObject({ model_name: "digits", outputs: [{ name: "logits", shape: [1, 10] }] });
      expect(readFileSync(house.path("said"), "utf8")).toContain("first key  .modelkeep/first-key");
    } finally {
      await house.close();
    }
  });
});

describe("audit verify", () => {
  it("never calls nothing a success", () => {
    const house = openHouse();
    const said = house.cli("audit", "verify");
    expect(said.status).toBe(3);
    expect(existsSync(house.stateDir)).toBe(false);
    writeFileSync(house.path("empty"), "");
    expect(house.cli("audit", "verify", "--dir", house.dir).status).not.toBe(0);
    return house.close();
  });
});
