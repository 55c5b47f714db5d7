import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { selfSigned } from "../../../test/helpers/certificate.ts";
import { memoryRegistry } from "../../../test/helpers/memory-registry.ts";
import { createMemoryEvidence } from "../../base/evidence/index.ts";
import type { EvidenceSink } from "../../base/evidence/index.ts";
import { createPrometheusMeter, silentLogger } from "../../base/log/index.node.ts";
import { openRepository, parsePublicKey, parseReference, pemSigner, signImage } from "../../posture/sign/index.node.ts";
import type { TrustPolicy } from "../../posture/sign/index.node.ts";
import { createAdmissionServer, createVerifier } from "./index.ts";
import type { AdmissionServer, AdmitRules } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "modelkeep-admit-"));
const tls = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
const registry = memoryRegistry({ referrers: true });
const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const signer = pemSigner({ privateKey: key.export({ type: "pkcs8", format: "pem" }) });
const policy: TrustPolicy = {
  signers: [
    {
      name: "release",
      method: "key",
      key: parsePublicKey(signer.publicKey),
      scope: ["*"],
      startsMs: -Infinity,
      expiresMs: Infinity,
    },
  ],
  revoked: [],
};
const strict: AdmitRules = {
  standard: { level: "restricted", minor: 33 },
  verifySignatures: true,
  verifyModels: true,
  exemptNamespaces: ["kube-system"],
  mode: "enforce",
};
const manifest = (app: string) => ({
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: {},
  layers: [],
  annotations: { app },
});
let now = 1_000_000;
let signed: string;
let unsigned: string;
let server: AdmissionServer;
const open: AdmissionServer[] = [];
const pair = selfSigned("webhook");

async function start(rules: Partial<AdmitRules> = {}, verify = verifier(), evidence?: EvidenceSink): Promise<AdmissionServer> {
  const parts = { host: "127.0.0.1", port: 0, tls, verify, log: silentLogger, meter: createPrometheusMeter(), reloadMs: 20 };
  const made = await createAdmissionServer({ ...parts, evidence, rules: { ...strict, ...rules } });
  open.push(made);
  return made;
}

function verifier(fetch = registry.fetch) {
  return createVerifier({ policy: () => policy, access: { fetch }, attestations: [], clock: { now: () => now } as never });
}

beforeAll(async () => {
  writeFileSync(tls.cert, pair.cert);
  writeFileSync(tls.key, pair.key);
  const name = "registry.example/app";
  const digest = registry.put(manifest("signed"));
  await signImage({ repository: openRepository(parseReference(name), { fetch: registry.fetch }), name, digest, signer });
  signed = `${name}@${digest}`;
  unsigned = `${name}@${registry.put(manifest("unsigned"))}`;
  server = await start();
});
afterAll(async () => {
  await Promise.all(open.map((one) => one.close()));
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

function send(to: AdmissionServer, body: string | Buffer, path = "/validate?timeout=5s", ca = pair.cert): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${to.url}${path}`,
      { method: path.startsWith("/validate") ? "POST" : "GET", ca, agent: false },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode!, text })).on("error", reject);
      },
    );
    asked.on("error", reject).end(body);
  });
}

interface Verdict {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly message: string };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

const safe = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};
const podOf = (image: string, more: object = {}) => ({
  spec: { containers: [{ name: "app", image, securityContext: safe }], ...more },
});
const review = (object: unknown, more: object = {}) => ({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: { uid: "u-1", kind: { group: "", version: "v1", kind: "Pod" }, operation: "CREATE", namespace: "ml", object, ...more },
});

async function ask(to: AdmissionServer, object: unknown, more: object = {}): Promise<Verdict> {
  const { status, text } = await send(to, JSON.stringify(review(object, more)));
  expect(status, text).toBe(200);
  const { apiVersion, kind, response } = JSON.parse(text) as { apiVersion: string; kind: string; response: Verdict };
  expect({ apiVersion, kind, uid: response.uid }).toEqual({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    uid: "u-1",
  });
  return response;
}

describe("the webhook", () => {
  it("admits a pod whose image is signed and whose settings meet the standard", async () => {
    expect(await ask(server, podOf(signed))).toMatchObject({ allowed: true, auditAnnotations: { decision: "admitted" } });
  });

  it("refuses, and says why in words that name the container and the field", async () => {
    const verdict = await ask(server, podOf(unsigned, { hostNetwork: true }));
    expect(verdict).toMatchObject({ allowed: false, status: { code: 403 } });
    expect(verdict.status!.message).toContain(
      `container app: image ${unsigned} is not verified: nobody whom the policy trusts has signed it`,
    );
    expect(verdict.status!.message).toContain("spec.hostNetwork");
    expect((await ask(server, podOf("registry.example/app:1"))).status!.message).toContain("is not pinned by digest");
    expect((await ask(server, { spec: { containers: [{ name: "x" }] } })).status!.message).toContain(
      "container x names no image",
    );
  });

  it.for([
    ["Deployment", { spec: { template: "POD" } }],
    ["StatefulSet", { spec: { template: "POD" } }],
    ["DaemonSet", { spec: { template: "POD" } }],
    ["ReplicaSet", { spec: { template: "POD" } }],
    ["ReplicationController", { spec: { template: "POD" } }],
    ["Job", { spec: { template: "POD" } }],
    ["CronJob", { spec: { jobTemplate: { spec: { template: "POD" } } } }],
    ["PodTemplate", { template: "POD" }],
    ["Notebook", { spec: { template: "POD" } }],
  ] as const)("looks into a %s", async ([kind, shape]) => {
    const object = (image: string): unknown => JSON.parse(JSON.stringify(shape).replace('"POD"', JSON.stringify(podOf(image))));
    const more = { kind: { group: "apps", version: "v1", kind } };
    expect((await ask(server, object(signed), more)).allowed).toBe(true);
    expect((await ask(server, object(unsigned), more)).allowed).toBe(false);
  });

  it("looks at init containers, debug containers and image volumes", async () => {
    const bad = [{ name: "b", image: unsigned, securityContext: safe }];
    expect((await ask(server, podOf(signed, { initContainers: bad }))).allowed).toBe(false);
    const debug = await ask(server, podOf(signed, { ephemeralContainers: bad }), {
      operation: "UPDATE",
      subResource: "ephemeralcontainers",
      oldObject: podOf(signed),
    });
    expect(debug.status!.message).toContain("debug container b");
    expect((await ask(server, podOf(signed, { volumes: [{ name: "m", image: { reference: unsigned } }] }))).allowed).toBe(false);
  });

  it("lets models in that are OCI artefacts by digest and signed, and no others", async () => {
    const isvc = (storageUri: string): object => ({ spec: { predictor: { model: { storageUri } } } });
    const more = { kind: { group: "serving.kserve.io", version: "v1beta1", kind: "InferenceService" } };
    expect((await ask(server, isvc(`oci://${signed}`), more)).allowed).toBe(true);
    for (const uri of [`oci://${unsigned}`, "s3://bucket/model", "oci://registry.example/app:1", "pvc://x"])
      expect((await ask(server, isvc(uri), more)).allowed, uri).toBe(false);
    const annotated = { ...podOf(signed), metadata: { annotations: { "modelkeep.dev/models": `oci://${signed}, s3://x/y` } } };
    expect((await ask(server, annotated)).status!.message).toContain("model s3://x/y cannot be verified here");
  });

  it("leaves exempt namespaces, deletions, and updates that change nothing of it", async () => {
    const bad = podOf(unsigned);
    expect((await ask(server, bad, { namespace: "kube-system" })).allowed).toBe(true);
    expect((await ask(server, null, { operation: "DELETE" })).allowed).toBe(true);
    expect(
      (await ask(server, { ...bad, metadata: { labels: { a: "b" } } }, { operation: "UPDATE", oldObject: bad })).allowed,
    ).toBe(true);
    expect((await ask(server, bad, { operation: "UPDATE", oldObject: podOf(signed) })).allowed).toBe(false);
    expect((await ask(server, null)).allowed).toBe(false);
  });

  it("admits and warns, or admits and writes it down, where that is asked for", async () => {
    const [warn, audit] = [await start({ mode: "warn" }), await start({ mode: "audit" })];
    const warned = await ask(warn, podOf(unsigned));
    expect(warned.allowed).toBe(true);
    expect(warned.warnings!.join()).toContain("is not verified");
    const audited = await ask(audit, podOf(unsigned));
    expect(audited).toMatchObject({ allowed: true, auditAnnotations: { decision: "would-refuse" } });
    expect(audited.warnings).toBeUndefined();
  });
});

describe("a webhook with a log", () => {
  it("answers after the entry, which names the signer of what was admitted", async () => {
    const evidence = createMemoryEvidence();
    const logged = await start({}, verifier(), evidence);
    expect((await ask(logged, podOf(signed))).allowed).toBe(true);
    expect(evidence.entries.map((entry) => entry.evidence.detail)).toMatchObject([
      { decision: "admitted", verified: [{ reference: signed, signer: "release" }] },
    ]);
    const full = await start({}, verifier(), { append: () => Promise.reject(new Error("disk full")) });
    expect((await ask(full, podOf(signed))).status!.message).toContain("could not be logged");
  });
});

describe("when something is wrong", () => {
  it("a registry that does not answer is a refusal", async () => {
    const down = await start(
      {},
      verifier(() => Promise.reject(new TypeError("fetch failed"))),
    );
    expect((await ask(down, podOf(signed))).status!.message).toContain("does not answer");
  });

  it("a registry that takes too long is a refusal before the API server gives up", async () => {
    const slow = await start({}, () => new Promise(() => undefined));
    const { text } = await send(slow, JSON.stringify(review(podOf(signed))), "/validate?timeout=1s");
    expect(JSON.parse(text)).toMatchObject({
      response: { allowed: false, status: { message: "modelkeep: what it names could not be verified in time" } },
    });
  });

  it("a digest is looked up once, and again when its time is over", async () => {
    const counting = memoryRegistry();
    const verify = verifier(counting.fetch);
    const text = `registry.example/app@sha256:${"0".repeat(64)}`;
    await Promise.all([verify(text), verify(text)]);
    const once = counting.log.length;
    await verify(text);
    expect(counting.log).toHaveLength(once);
    now += 60_000;
    await verify(text);
    expect(counting.log).toHaveLength(2 * once);
  });

  it("no body makes it admit, crash or hang", async () => {
    const good = JSON.stringify(review(podOf(unsigned)));
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(JSON.stringify(review(JSON.parse(text))))),
      fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => {
        const changed = Buffer.from(good);
        changed[at] = byte;
        return changed;
      }),
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const { status, text } = await send(server, body);
        expect([200, 400]).toContain(status);
        // A change may make it another kind of object, a deletion or an exempt namespace: then there is nothing to refuse.
        if (status === 200) expect(typeof (JSON.parse(text) as { response: Verdict }).response.allowed).toBe("boolean");
      }),
      { numRuns: 150, seed: 11 },
    );
    expect((await ask(server, podOf(unsigned))).allowed).toBe(false);
  });

  it("a body without end is cut off", async () => {
    const large = await send(server, Buffer.alloc(9 << 20, 32)).catch(() => ({ status: 413 }));
    expect(large.status).toBe(413);
    expect((await send(server, "", "/healthz")).text).toBe("ok\n");
  });

  it("counts what it decided", async () => {
    expect((await send(server, "", "/metrics")).text).toMatch(
      /modelkeep_admit_reviews_total\{outcome="refused",kind="Pod"\} \d+/,
    );
  });

  it("takes a new certificate without a restart, and keeps the old one when the new is none", async () => {
    const own = await start();
    const next = selfSigned("webhook-2");
    writeFileSync(tls.key, next.key);
    writeFileSync(tls.cert, next.cert);
    await vi.waitFor(async () => expect((await send(own, "", "/healthz", next.cert)).status).toBe(200), { timeout: 60_000 });
    writeFileSync(tls.cert, "rubbish");
    expect((await send(own, "", "/healthz", next.cert)).status).toBe(200);
    writeFileSync(tls.cert, pair.cert);
    writeFileSync(tls.key, pair.key);
  });
});
