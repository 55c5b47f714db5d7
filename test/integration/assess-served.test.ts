/** `assess` against a model that is served: a stranger with a key, who learns what the answers tell and leaves a trace in the log. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bin, cleanEnv, openHouse, type House, type RunningKeep } from "../helpers/keep.ts";

interface Report {
  readonly folder: string;
  readonly stopped?: string;
  readonly queries: number;
  readonly model: { readonly file: string; readonly digest?: string };
  readonly threats: readonly {
    readonly verdict: string;
    readonly robustAccuracy: number;
    readonly worstCasePerSample: number[];
  }[];
}

let house: House;
let keep: RunningKeep;
let address: string;
const asked = ["--data", "mnist", "--limit", "20", "--key", "file:.modelkeep/first-key"];
beforeAll(async () => {
  house = openHouse();
  keep = await house.serve();
  address = `${keep.url}/v2/models/digits`;
}, 180_000);
afterAll(() => house?.close());

describe("a model that is served", () => {
  it("is broken by its answers alone, within the questions that were allowed, and the log says so", () => {
    const report = house.json<Report>("assess", address, ...asked, "--queries", "3000", "--threat", "linf:0.3");
    expect(report.threats[0]!.verdict).toBe("broken");
    expect(report.queries).toBeLessThanOrEqual(3000);
    expect(report.model).toMatchObject({ file: address });
    expect(readFileSync(house.path(report.folder, "result.json"), "utf8")).not.toContain(keep.key);
    const [entry] = house.json<{ evidence: object }[]>("audit", "search", "--kind", "assessment.made");
    expect(entry!.evidence).toMatchObject({
      outcome: "done",
      subject: { type: "model", id: address },
      figures: [{ name: "clean_accuracy" }, { name: "robust_accuracy@linf:0.3", value: report.threats[0]!.robustAccuracy }],
    });
  });

  it("that bans the attacker half way leaves a report of what was learnt", async () => {
    const attacker = house.json<{ key: string }>("keys", "create", "--principal", "attacker", "--role", "caller");
    const words = ["assess", address, "--data", "mnist", "--limit", "20", "--key", "env:ATTACKER"];
    const child = spawn(process.execPath, [bin, ...words, "--queries", "500000", "--threat", "linf:0.001", "--json"], {
      cwd: house.dir,
      env: cleanEnv(house.dir, { ATTACKER: attacker.key }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    const ended = once(child, "close");
    await new Promise<void>((resolve) => child.stderr.on("data", (text: Buffer) => `${text}`.includes("clean:") && resolve()));
    expect(house.cli("bans", "set", "attacker", "--kind", "principal", "--reason", "test").status).toBe(0);
    expect((await ended)[0]).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect(report.stopped).toContain("403");
    expect(report.threats[0]!.verdict).toBe("not shown");
    expect(stdout).not.toContain(attacker.key);
  });

  it.for([
    ["a key in the open", ["--key", "mk_notareference"], "takes a reference, never the key itself"],
    ["fewer questions than examples", ["--queries", "10"], "too few for 20 examples"],
  ] as const)("%s is a mistake of usage", ([, words, message]) => {
    const { status, stderr } = house.cli("assess", address, ...asked, ...words);
    expect(status).toBe(4);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("mk_notareference");
  });

  it("and an address with a secret in it is refused without repeating it", () => {
    const { status, stderr } = house.cli("assess", address.replace("//", "//me:hunter2@"), ...asked);
    expect(status).toBe(4);
    expect(stderr).not.toContain("hunter2");
  });
});

it("Ctrl-C ends an assessment with its report, and --resume finishes it as if nothing had been", async () => {
  const words = ["assess", "digits.onnx", "--data", "mnist", "--limit", "30", "--threat", "linf:0.1", "--attacks", "fgsm,pgd"];
  const model = readFileSync(new URL("../../examples/models/digits.onnx", import.meta.url));
  writeFileSync(house.path("digits.onnx"), model);
  const child = spawn(process.execPath, [bin, ...words, "--json"], {
    cwd: house.dir,
    env: cleanEnv(house.dir),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.on("data", (text: Buffer) => `${text}`.includes("clean:") && child.kill("SIGINT"));
  expect((await once(child, "close"))[0]).toBe(130);
  const partial = JSON.parse(stdout) as Report;
  expect(partial.stopped).toBe("it was interrupted");
  const resumed = house.json<Report>(...words, "--resume", partial.folder);
  const whole = house.json<Report>(...words);
  expect(resumed.stopped).toBeUndefined();
  expect(resumed.threats[0]!.worstCasePerSample).toEqual(whole.threats[0]!.worstCasePerSample);
});
