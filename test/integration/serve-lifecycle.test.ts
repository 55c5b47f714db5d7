import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { slowModel, rowsOf } from "../helpers/gateway.ts";
import { infer, openHouse, type House, type HouseOptions, type RunningKeep } from "../helpers/keep.ts";

const houses: House[] = [];
afterEach(async () => {
  for (const house of houses.splice(0)) await house.close();
});

function open(options: HouseOptions = {}): House {
  const house = openHouse(options);
  houses.push(house);
  return house;
}

/** A house with a model that takes a while, on a busy machine a long while: nobody's patience ends before its answers. */
function openSlow(): House {
  const patient = { drainMs: 300_000, deadlineMs: 300_000 };
  const house = open({ config: { models: { serve: ["slow.onnx"] }, gateway: patient } });
  writeFileSync(house.path("slow.onnx"), slowModel(400));
  return house;
}

/** Settles once this many requests wait for the slow model or run on it. Each run of it takes most of a second. */
async function inFlight(keep: RunningKeep, count: number): Promise<void> {
  const waiting = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${keep.key}`, connection: "close" };
    const text = await (await fetch(`${keep.url}/metrics`, { headers })).text();
    const gauge = (name: string) =>
      Number(new RegExp(`^modelkeep_runtime_${name}\\{[^}]*model="slow[^}]*\\} (\\d+)`, "m").exec(text)?.[1]);
    return gauge("queued_rows") + gauge("sessions_live");
  };
  await expect.poll(waiting, { interval: 20 }).toBeGreaterThanOrEqual(count);
}

describe("an end", () => {
  it("by SIGTERM under load answers every request in flight, and says 0", async () => {
    const house = openSlow();
    const keep = await house.serve();
    const ask = () => infer({ ...keep, model: "slow", body: JSON.stringify(rowsOf([1, 2])) });
    await (await ask()).arrayBuffer();
    const answers = Array.from({ length: 8 }, async () => {
      const answer = await ask();
      return { status: answer.status, body: await answer.text(), entry: answer.headers.get("x-modelkeep-entry") };
    });
    await inFlight(keep, answers.length);
    const { code } = await keep.end();
    expect(code).toBe(0);
    const told = await Promise.all(answers);
    expect(told.map(({ status }) => status)).toEqual(told.map(() => 200));
    // Each answer is in the log, and the end after them.
    const last = house.json<{ evidence: { kind: string } }>(
      "audit",
      "show",
      String(Math.max(...told.map((one) => Number(one.entry)))),
    );
    expect(last.evidence.kind).toBe("inference.answered");
    await expect(ask()).rejects.toThrow();
  });

  it("is at once on a second signal", async () => {
    const house = openSlow();
    const keep = await house.serve();
    const asking = Array.from({ length: 20 }, () =>
      infer({ ...keep, model: "slow", body: JSON.stringify(rowsOf([1, 2])) }).then(
        (answer) => answer.text(),
        () => "cut",
      ),
    );
    await sleep(50);
    keep.child.kill("SIGTERM");
    await expect.poll(keep.stderr, { timeout: 60_000 }).toContain("draining");
    keep.child.kill("SIGINT");
    expect(await keep.exited).toEqual({ code: null, signal: "SIGINT" });
    await Promise.all(asking);
    expect(house.json<{ ok: boolean }>("audit", "verify").ok).toBe(true);
  });

  it("while it starts leaves nothing held: no lock, and a state that opens again", async () => {
    const house = open();
    for (const afterMs of [150, 600, 1500, 3000]) {
      const starting = house.launch();
      await sleep(afterMs);
      const { code, signal } = await starting.end();
      expect(signal ?? code, starting.stderr()).toSatisfy((end) => end === 0 || end === "SIGTERM");
      expect(existsSync(join(house.stateDir, "lock"))).toBe(false);
    }
    const keep = await house.serve();
    expect((await infer(keep)).status).toBe(200);
  });

  it("while it starts is at once on a second signal too", async () => {
    const house = open();
    const starting = house.launch();
    await expect.poll(() => existsSync(join(house.stateDir, "lock")), { timeout: 60_000, interval: 5 }).toBe(true);
    starting.child.kill("SIGTERM");
    // While the database is made the process may be deaf for a while; two signals in that time are one.
    const again = setInterval(() => starting.child.kill("SIGTERM"), 200);
    const end = await starting.exited;
    clearInterval(again);
    expect(end).toEqual({ code: null, signal: "SIGTERM" });
    expect(starting.stdout()).toBe("");
    await (await house.serve()).end();
  });

  it("of the terminal that reads it does not end the service", async () => {
    const house = open({ config: { log: { level: "debug" } } });
    const keep = await house.serve();
    keep.child.stdout.destroy();
    keep.child.stderr.destroy();
    for (let i = 0; i < 5; i++) expect((await infer(keep)).status).toBe(200);
    await infer({ url: keep.url, key: "mk_bad" });
    house.json("keys", "list");
    expect((await infer(keep)).status).toBe(200);
    expect((await keep.end()).code).toBe(0);
  });
});

describe("a start that cannot be", () => {
  it("names the port that is taken, and lets go of the state", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const house = open();
    const { port } = taken.address() as { port: number };
    const said = house.cli("serve", "--port", String(port));
    taken.close();
    expect(said.status).toBe(2);
    expect(said.stderr).toMatch(new RegExp(`^error: .*${port}.*\\nhint: .*\\n$`)); // and no stack beside it
    expect(existsSync(join(house.stateDir, "lock"))).toBe(false);
  });

  it("of a second service on one state names the first, which goes on", async () => {
    const house = open();
    const keep = await house.serve();
    const second = house.cli("serve", "--port", "0");
    expect(second.status).toBe(2);
    expect(second.stderr).toContain(`process ${keep.pid}`);
    expect((await infer(keep)).status).toBe(200);
    expect(house.json<unknown[]>("keys", "list").length).toBe(1);
  });

  it("because of its admin socket ends the process, not only the words", async () => {
    const house = open();
    await (await house.serve()).end();
    mkdirSync(join(house.stateDir, "admin.sock", "in-the-way"), { recursive: true });
    const said = house.cli("serve", "--port", "0");
    expect(said.status).toBe(2);
    expect(said.stderr).toMatch(/admin\.sock/);
    expect(existsSync(join(house.stateDir, "lock"))).toBe(false);
  });

  it("in a folder that belongs to somebody else, or below a file, says so", () => {
    const house = open();
    writeFileSync(house.path("file"), "");
    const below = house.cli("serve", "--port", "0", "--state", house.path("file", "state"));
    expect(below.status).toBe(2);
    expect(below.stderr).toMatch(/state folder.*\n.*hint:/s);
    if (process.getuid?.() !== 0) return;
    mkdirSync(house.path("theirs"), { mode: 0o777 });
    execFileSync("chown", ["nobody", house.path("theirs")]);
    const theirs = house.cli("keys", "list", "--state", house.path("theirs"));
    expect(theirs.status).toBe(2);
    expect(theirs.stderr).toMatch(/belongs to user/);
  });
});

describe("a state folder", () => {
  it("that others could read is closed to them", async () => {
    const house = open();
    mkdirSync(house.stateDir);
    chmodSync(house.stateDir, 0o777);
    await (await house.serve()).end();
    expect(statSync(house.stateDir).mode & 0o777).toBe(0o700);
  });

  it("after kill -9 is taken over, with its stale lock and stale socket", async () => {
    const house = open();
    const first = await house.serve();
    await first.end("SIGKILL");
    expect(existsSync(join(house.stateDir, "lock"))).toBe(true);
    expect(existsSync(join(house.stateDir, "admin.sock"))).toBe(true);
    expect(house.json<unknown[]>("keys", "list").length).toBe(1); // a command first
    const second = await house.serve();
    expect((await infer(second)).status).toBe(200);
    expect(house.json<unknown[]>("keys", "list").length).toBe(1);
  });

  it("so deep that its socket's path is too long still takes commands", async () => {
    const house = open();
    const state = house.path(..."abcdefgh".split("").map((letter) => letter.repeat(20)), "state");
    const keep = await house.serve({ args: ["--state", state] });
    expect(house.json<unknown[]>("keys", "list", "--state", state).length).toBe(1);
    const { socket } = JSON.parse(readFileSync(join(state, "lock"), "utf8")) as { socket: string };
    expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(107);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect((await keep.end()).code).toBe(0);
    expect(existsSync(socket)).toBe(false);
  });

  it("does not take a socket folder that somebody else laid ready", async () => {
    const house = open();
    const state = house.path(..."abcdefgh".split("").map((letter) => letter.repeat(20)), "state");
    const temporary = house.path("tmp");
    mkdirSync(temporary);
    const first = await house.serve({ args: ["--state", state], env: { TMPDIR: temporary } });
    const { socket } = JSON.parse(readFileSync(join(state, "lock"), "utf8")) as { socket: string };
    expect(socket.startsWith(temporary)).toBe(true);
    await first.end();
    const folder = join(socket, "..");
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
    if (process.getuid?.() === 0) execFileSync("chown", ["nobody", folder]);
    const second = house.launch({ args: ["--state", state], env: { TMPDIR: temporary } });
    const opened = await second.ready.then(
      () => statSync(folder),
      () => undefined,
    );
    // Either it refuses, or the folder is its own and closed by the time that it listens there.
    if (opened !== undefined) expect([opened.uid, opened.mode & 0o777]).toEqual([process.getuid!(), 0o700]);
    else expect(second.stderr()).toMatch(/hint/);
  });

  it("that a newer program wrote is not touched", () => {
    const house = open();
    mkdirSync(house.stateDir, { mode: 0o700 });
    writeFileSync(join(house.stateDir, "layout"), "999\n");
    const said = house.cli("keys", "list");
    expect(said.status).toBe(2);
    expect(said.stderr).toContain("newer Modelkeep");
  });

  it("held by a command makes another command wait or say so, and is never opened twice", async () => {
    const house = open();
    await (await house.serve()).end();
    const said = await Promise.all([0, 1, 2].map((n) => house.run("keys", "create", "--principal", `p${n}`, "--role", "caller")));
    const made = said.filter(({ status }) => status === 0).length;
    expect(made).toBeGreaterThanOrEqual(1);
    for (const { status, stderr } of said) if (status !== 0) expect(stderr).toMatch(/in use by process/);
    expect(house.json<unknown[]>("keys", "list").length).toBe(1 + made);
  });
});

describe("the configuration", () => {
  it("with a typo is refused with file, line and the nearest name", () => {
    const house = open();
    writeFileSync(house.file, "gateway:\n  port: 0\nfirewal:\n  block: []\n");
    const said = house.cli("serve");
    expect(said.status).toBe(4);
    expect(said.stderr).toMatch(/modelkeep\.yaml:3:\d+: unknown key `firewal`/);
    expect(said.stderr).toContain("did you mean `firewall`?");
    expect(existsSync(house.stateDir)).toBe(false);
  });

  it("that is no YAML, or of the wrong type, is refused with its line", () => {
    const house = open();
    for (const text of [
      "gateway: [1,\n",
      "gateway:\n  port: many\n",
      "- 1\n",
      "gateway:\n  port: 1\n  port: 2\n",
      "a: &a [*a]\n",
    ]) {
      writeFileSync(house.file, text);
      const { status, stderr } = house.cli("config", "explain");
      expect(`${JSON.stringify(text)} ${status}`).toBe(`${JSON.stringify(text)} 4`);
      expect(stderr).toMatch(/modelkeep\.yaml/);
      expect(stderr).not.toMatch(/ {4}at /);
    }
  });

  it("takes relative paths from where it lies, also when it is named from elsewhere", async () => {
    const house = open();
    mkdirSync(house.path("conf", "models"), { recursive: true });
    writeFileSync(house.path("conf", "models", "slow.onnx"), slowModel(1));
    writeFileSync(house.path("conf", "keep.yaml"), "state: here\nmodels:\n  serve: [models]\n");
    const keep = await house.serve({ args: ["--config", "conf/keep.yaml"] });
    expect(keep.models.map(({ name }) => name)).toEqual(["slow"]);
    expect(keep.state).toBe(house.path("conf", "here"));
    expect((await infer({ ...keep, model: "slow", body: JSON.stringify(rowsOf([1, 2])) })).status).toBe(200);
  });

  it("is flag over environment over project over user", () => {
    const house = open({ env: { MODELKEEP_GATEWAY__PORT: "3000" } });
    const user = house.path(".config", "modelkeep", "config.yaml");
    mkdirSync(join(user, ".."), { recursive: true });
    writeFileSync(user, "gateway:\n  port: 1000\n  host: 127.0.0.9\n  maxBodyBytes: 1048576\nlog:\n  level: info\n");
    writeFileSync(house.file, "gateway:\n  port: 2000\n  host: 127.0.0.8\n");
    const rows = house.json<{ path: string; value: unknown; origin: string }[]>("config", "explain", "--log-level", "error");
    const of = (path: string): unknown[] => {
      const row = rows.find((one) => one.path === path);
      return [row?.value, row?.origin];
    };
    expect(of("gateway.port")).toEqual([3000, "environment"]);
    expect(of("gateway.host")).toEqual(["127.0.0.8", "project"]);
    expect(of("gateway.maxBodyBytes")).toEqual([1_048_576, "user"]);
    expect(of("log.level")).toEqual(["error", "flag"]);
    expect(of("gateway.drainMs")[1]).toBe("default");
  });

  it("is found under XDG_CONFIG_HOME, and a typo in a variable's name is refused", () => {
    const house = open({ env: { XDG_CONFIG_HOME: "/nonexistent/xdg" } });
    expect(house.cli("config", "explain").status).toBe(0);
    const typo = open({ env: { MODELKEEP_GATEWAY__PROT: "1" } });
    const { status, stderr } = typo.cli("config", "explain");
    expect(status).toBe(4);
    expect(stderr).toMatch(/MODELKEEP_GATEWAY__P/);
  });

  it("does not print secrets, and refuses one that stands in it", () => {
    const house = open({ config: { store: { url: "postgres://user:hunter2@db/x" } } });
    const { status, stdout, stderr } = house.cli("config", "explain");
    expect(status).toBe(4);
    expect(stdout + stderr).not.toContain("hunter2");
  });
});
