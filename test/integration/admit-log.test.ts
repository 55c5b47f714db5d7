/** The admission webhook with a log: what it decided is there before it answers, and readable while it runs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfSigned } from "../helpers/certificate.ts";
import { bin, cleanEnv, openHouse, type House } from "../helpers/keep.ts";

interface Entry {
  readonly evidence: {
    readonly outcome: string;
    readonly subject: { readonly id: string };
    readonly detail: { readonly user: string };
  };
}

describe("admit with a state folder", () => {
  let house: House;
  let webhook: ReturnType<typeof spawn>;
  let url: string;
  const pair = selfSigned("webhook");

  beforeAll(async () => {
    house = openHouse();
    writeFileSync(house.path("tls.crt"), pair.cert);
    writeFileSync(house.path("tls.key"), pair.key);
    const flags = ["--allow-unsigned", "--tls-cert", "tls.crt", "--tls-key", "tls.key", "--host", "127.0.0.1", "--port", "0"];
    webhook = spawn(process.execPath, [bin, "admit", ...flags, "--state", "log", "--json"], {
      cwd: house.dir,
      env: cleanEnv(house.dir),
    });
    const [line] = (await once(webhook.stdout!, "data")) as [Buffer];
    ({ url } = JSON.parse(line.toString()) as { url: string });
  }, 120_000);
  afterAll(async () => {
    const gone = once(webhook, "close");
    webhook.kill("SIGTERM");
    const [status] = await gone;
    await house.close();
    expect(status).toBe(0);
  });

  function ask(image: string): Promise<boolean> {
    const object = { metadata: { name: "p" }, spec: { containers: [{ name: "a", image, securityContext: {} }] } };
    const asked = {
      uid: "1",
      kind: { kind: "Pod" },
      operation: "CREATE",
      namespace: "ml",
      object,
      userInfo: { username: "alice" },
    };
    const body = JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: asked });
    return new Promise((resolve, reject) => {
      const sent = request(`${url}/validate`, { method: "POST", ca: pair.cert, agent: false }, (answer) => {
        let text = "";
        answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
        answer.on("end", () => resolve((JSON.parse(text) as { response: { allowed: boolean } }).response.allowed));
      });
      sent.on("error", reject).end(body);
    });
  }

  it("enters each decision, which other commands read meanwhile, and whose log verifies", async () => {
    expect(await ask("registry.example/app:1")).toBe(false);
    const entries = house.json<Entry[]>("audit", "search", "--kind", "admission.decided", "--state", "log");
    expect(entries.map(({ evidence }) => [evidence.outcome, evidence.subject.id, evidence.detail.user])).toEqual([
      ["denied", "Pod/ml/p", "alice"],
    ]);
    expect(house.cli("audit", "verify", "--state", "log").status).toBe(0);
  });
});
