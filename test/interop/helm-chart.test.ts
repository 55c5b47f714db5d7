import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { scanPaths } from "../../src/app/api/scan/index.ts";
import { atLeast } from "../../src/base/finding/index.ts";

const env = { ...process.env, PATH: [process.env["PATH"], "/usr/local/go/bin"].join(delimiter) };
const hasGo = spawnSync("go", ["version"], { env }).status === 0;
// In CI a missing Go is a failure: a proof by others' code that is skipped proves nothing.
const skip = !hasGo && process.env["CI"] === undefined;
const work = mkdtempSync(join(tmpdir(), "modelkeep-helm-"));
const rendered = join(work, "rendered.yaml");
const helm = join(work, "render");
const chart = join(import.meta.dirname, "../../deploy/helm");

beforeAll(() => {
  if (skip) return;
  execFileSync("go", ["build", "-o", helm, "."], { cwd: join(import.meta.dirname, "go/helm"), env, stdio: "pipe" });
  writeFileSync(rendered, execFileSync(helm, [chart]));
}, 1_200_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe.skipIf(skip)("our chart, rendered by Helm's own engine", () => {
  it("holds the service with its volume, its network policy and its disruption budget", () => {
    const kinds = parseAllDocuments(readFileSync(rendered, "utf8")).map((document) => {
      expect(document.errors).toEqual([]);
      return (document.toJS() as { kind: string }).kind;
    });
    expect(kinds).toEqual(expect.arrayContaining(["StatefulSet", "NetworkPolicy", "PodDisruptionBudget", "Service"]));
  });

  it("has nothing at medium or above", async () => {
    const { targets } = await scanPaths({ paths: [rendered] });
    expect(targets.map(({ status }) => status)).toEqual(["scanned"]);
    expect(targets[0]!.findings.filter(({ severity }) => atLeast(severity, "medium"))).toEqual([]);
  });
});

describe.skipIf(skip)("the chart's admission webhook", () => {
  const tls = { secretName: "tls", caBundle: "Zm9v" };
  const on = { enabled: true, trustConfigMap: "trust", tls, network: { registries: [{ cidr: "10.0.0.20/32", port: 443 }] } };
  const render = (admit: object) => spawnSync(helm, [chart, JSON.stringify({ admit })], { encoding: "utf8" });
  const grave = async (text: string): Promise<string[]> => {
    const file = join(work, "admit.yaml");
    writeFileSync(file, text);
    const { targets } = await scanPaths({ paths: [file] });
    expect(targets.map(({ status }) => status)).toEqual(["scanned"]);
    return targets[0]!.findings
      .filter(({ severity }) => atLeast(severity, "medium"))
      .map(({ rule, message }) => `${rule} ${message}`);
  };

  it.for([
    ["Deployment", on],
    ["StatefulSet", { ...on, state: { size: "1Gi" }, attestations: ["slsaprovenance"], k8sVersion: "1.33" }],
    ["Deployment", { ...on, allowUnsigned: true, trustConfigMap: "" }],
  ] as const)("is a %s with a closed webhook, and has nothing at medium or above", async ([kind, admit]) => {
    const { status, stdout, stderr } = render(admit);
    expect(`${status} ${stderr}`).toMatch(/^0/);
    const documents = parseAllDocuments(stdout).map((document) => document.toJS() as Record<string, any>); // oxlint-disable-line no-explicit-any -- manifests of many kinds
    const own = documents.filter((one) => one["metadata"]?.name === "keep-admit");
    expect(own.map((one) => one["kind"]).toSorted()).toEqual(
      [kind, "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount", "ValidatingWebhookConfiguration"].toSorted(),
    );
    const [webhook] = own.find((one) => one["kind"] === "ValidatingWebhookConfiguration")!["webhooks"];
    expect(webhook).toMatchObject({
      failurePolicy: "Fail",
      clientConfig: { service: { name: "keep-admit", path: "/validate" }, caBundle: "Zm9v" },
    });
    expect(webhook.namespaceSelector.matchExpressions[0].values).toEqual(["kube-system", "default"]);
    // The service's own selectors must not catch the webhook's pods.
    const labels = own.find((one) => one["kind"] === kind)!["spec"].template.metadata.labels;
    const service = documents.find((one) => one["kind"] === "Service" && one["metadata"].name === "keep")!;
    expect(Object.entries(service["spec"].selector).every(([key, value]) => labels[key] === value)).toBe(false);
    expect(await grave(stdout)).toEqual([]);
  });

  it.for([
    ["a certificate", { ...on, tls: { caBundle: "Zm9v" } }],
    ["somebody for the API server to believe", { ...on, tls: { secretName: "tls" } }],
    ["a trust policy", { ...on, trustConfigMap: "" }],
  ] as const)("does not render without %s", ([, admit]) => {
    expect(render(admit)).toMatchObject({ status: 1, stderr: expect.stringContaining("admit.") });
  });
});
