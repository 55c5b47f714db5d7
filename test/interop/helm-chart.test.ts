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
const decoder = join(work, "decode");
const chart = join(import.meta.dirname, "../../deploy/helm");

beforeAll(() => {
  if (skip) return;
  for (const [program, folder] of [
    [helm, "go/helm"],
    [decoder, "go/schema"],
  ] as const)
    execFileSync("go", ["build", "-o", program, "."], { cwd: join(import.meta.dirname, folder), env, stdio: "pipe" });
  writeFileSync(rendered, execFileSync(helm, [chart]));
}, 1_200_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Each object as Kubernetes' own types take it, every unknown or doubled field refused. */
function decoded(manifests: string): { kind: string; name: string; error: string }[] {
  const lines = execFileSync(decoder, [], { input: manifests, encoding: "utf8" }).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as { kind: string; name: string; error: string });
}

const wrongIn = (manifests: string): object[] => decoded(manifests).filter(({ error }) => error !== "");
const clients = [{ "kubernetes.io/metadata.name": "ingress-nginx" }];
/** Values that turn on what the defaults leave out. */
const everything = {
  image: { digest: `sha256:${"0".repeat(64)}` },
  imagePullSecrets: [{ name: "pull" }],
  replicas: 2,
  secretName: "keys",
  models: { existingClaim: "models" },
  state: { size: "10Gi", storageClassName: "fast" },
  autoscaling: { enabled: true, maxReplicas: 4, targetCPUUtilizationPercentage: 70 },
  network: { clients, egress: [{ cidr: "10.0.0.10/32", port: 5432 }] },
  nodeSelector: { "kubernetes.io/arch": "amd64" },
  tolerations: [{ key: "gpu", operator: "Exists", effect: "NoSchedule" }],
  config: { store: { url: "file:/run/secrets/modelkeep/database-url" } },
};

describe.skipIf(skip)("Kubernetes' own types", () => {
  const manifest = (more: string): string =>
    `apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { ports: [{ port: 80${more} }] }\n`;

  it.for([
    ["a field that is misspelt", manifest(", targetPrt: 80"), 'unknown field "spec.ports[0].targetPrt"'],
    ["a field that is there twice", manifest(", port: 81"), "already set"],
    ["a word where a number belongs", manifest(", nodePort: high"), "cannot unmarshal string"],
    ["a kind that does not exist", manifest("").replace("Service", "Servise"), 'no kind "Servise"'],
    ["a version that is gone", manifest("").replace("apiVersion: v1", "apiVersion: apps/v1beta1"), 'for version "apps/v1beta1"'],
  ] as const)("refuse %s", ([, text, reason]) => {
    expect(wrongIn(manifest(""))).toEqual([]);
    expect(decoded(text)).toEqual([expect.objectContaining({ error: expect.stringContaining(reason) })]);
  });

  it("take every object of our chart, with the defaults and with everything turned on", () => {
    const defaults = readFileSync(rendered, "utf8");
    const full = execFileSync(helm, [chart, JSON.stringify(everything)], { encoding: "utf8" });
    expect(wrongIn(defaults)).toEqual([]);
    expect(wrongIn(full)).toEqual([]);
    expect(decoded(defaults)).toHaveLength(parseAllDocuments(defaults).length);
    expect(decoded(full).map(({ kind }) => kind)).toContain("HorizontalPodAutoscaler");
    // The decoder reads deep into what is rendered here, too.
    expect(wrongIn(full.replace("readOnlyRootFilesystem:", "readOnlyRootFileSystem:"))).toEqual([
      expect.objectContaining({ kind: "StatefulSet", error: expect.stringContaining("readOnlyRootFileSystem") }),
    ]);
  });
});

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
    expect(wrongIn(stdout)).toEqual([]);
  });

  it.for([
    ["a certificate", { ...on, tls: { caBundle: "Zm9v" } }],
    ["somebody for the API server to believe", { ...on, tls: { secretName: "tls" } }],
    ["a trust policy", { ...on, trustConfigMap: "" }],
  ] as const)("does not render without %s", ([, admit]) => {
    expect(render(admit)).toMatchObject({ status: 1, stderr: expect.stringContaining("admit.") });
  });
});
