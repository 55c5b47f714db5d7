/** A gateway on loopback over the real rooms: keys in PGlite, models in worker threads, a log; and the ways to talk to it. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { silentLogger, silentMeter, type Logger } from "../../src/base/log/index.ts";
import { systemClock, systemRandom } from "../../src/base/port/index.ts";
import { openStore } from "../../src/base/store/index.node.ts";
import { accessConfig, accessMigrations, createAccess } from "../../src/guard/access/index.ts";
import { auditConfig, createAuditLog, openSigner } from "../../src/guard/audit/index.ts";
import { createFirewall, firewallConfig, firewallMigrations, httpLimits } from "../../src/guard/firewall/index.ts";
import { createGateway, createModels, gatewayConfig, modelsConfig, type GatewayParts } from "../../src/guard/gateway/index.ts";
import { GraphBuilder, tensorOf, writeModel } from "../../src/model/onnx/index.ts";
import { createRuntime } from "../../src/model/runtime/index.node.ts";
import { createMemoryDisk } from "./memory-disk.ts";

export interface WorldOptions {
  /** Sections of the configuration, as a user would write them. */
  readonly gateway?: object;
  readonly firewall?: object;
  readonly access?: object;
  readonly audit?: object;
  /** Files of the models folder, by path; the echo model alone by default. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly models?: object;
  readonly log?: Logger;
  readonly parts?: Partial<GatewayParts>;
}

/** What a gateway needs and a test may look at. Close it. */
export async function openWorld(options: WorldOptions = {}) {
  const dir = await mkdtemp(join(tmpdir(), "modelkeep-gateway-"));
  const files = options.files ?? { "echo.onnx": echoModel() };
  for (const [path, bytes] of Object.entries(files)) await putFile(join(dir, path), bytes);
  const log = options.log ?? silentLogger;
  const common = { clock: systemClock, random: systemRandom, log, meter: silentMeter };
  const store = await openStore({ migrations: [...accessMigrations, ...firewallMigrations] });
  const disk = createMemoryDisk();
  const auditSection = auditConfig.parse(options.audit ?? {});
  const signer = await openSigner({ disk, config: auditSection });
  const audit = await createAuditLog({ ...common, config: auditSection, signer, disk });
  const access = await createAccess({ ...common, store, config: accessConfig.parse(options.access ?? {}), evidence: audit });
  const firewallSection = firewallConfig.parse(options.firewall ?? {});
  const firewall = await createFirewall({ ...common, store, config: firewallSection, evidence: audit });
  const runtime = createRuntime({ ...common, cores: 2 });
  const trust = Object.values(files).map((bytes) => digestOf(bytes));
  const models = await createModels({
    ...common,
    config: modelsConfig.parse({ serve: [{ path: ".", trust }], pollMs: 50, settleMs: 100, ...options.models }),
    baseDir: dir,
    runtime,
    evidence: audit,
  });
  const gateway = await createGateway({
    ...common,
    access,
    firewall,
    audit,
    models,
    config: gatewayConfig.parse({ port: 0, ...options.gateway }),
    httpLimits: httpLimits(firewallSection),
    version: "0.0.0",
    ...options.parts,
  });
  const { key } = await access.keys.create({ principal: "alice", role: "caller" }, { principal: "test" });
  const { port } = gateway.addresses[0]!;
  const fetching = (path: string, init: RequestInit = {}) =>
    fetch(gateway.url + path, { ...init, headers: { authorization: `Bearer ${key}`, ...(init.headers as object) } });

  return {
    dir,
    gateway,
    port,
    key,
    access,
    firewall,
    audit,
    /** The disk under the audit log. */
    disk,
    /** Everything in the log, oldest first. */
    async entries() {
      await audit.flush();
      return (await audit.search({ limit: 10_000 })).map(({ evidence }) => evidence).reverse();
    },
    models,
    /** With alice's key. */
    fetch: fetching,
    infer: (model: string, body: unknown, init: RequestInit = {}) =>
      fetching(`/v2/models/${model}/infer`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
        ...init,
      }),
    raw: (text: string | readonly string[], wait?: RawOptions) => talk(port, text, wait),
    async close() {
      await gateway.close({ deadlineMs: 1000 });
      await models.close();
      await runtime.close(100);
      await firewall.close();
      await access.close();
      await audit.close();
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;

export async function putFile(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** y = x + `add`, over rows of two: answers tell which version gave them. */
export function echoModel(add = 0): Uint8Array {
  const b = new GraphBuilder({ name: "echo" });
  const x = b.input("x", "float32", ["N", 2]);
  b.call({ op: "Add", inputs: [x, b.initializer("add", tensorOf("float32", [1], [add]))], outputs: ["y"] });
  b.output("y", "float32", ["N", 2]);
  return writeModel(b.model());
}

/** A model that takes about `products` × 2 ms of one core: a chain of 512 × 512 matrix products. */
export function slowModel(products: number): Uint8Array {
  const b = new GraphBuilder({ name: "slow" });
  const x = b.input("x", "float32", ["N", 2]);
  const zeros = b.initializer("w", tensorOf("float32", [512, 512], new Float32Array(512 * 512)));
  let chain: string = zeros;
  const sum = b.op("ReduceSum", [x, b.ints([0, 1])], { keepdims: 1 });
  chain = b.op("Add", [zeros, sum]);
  for (let i = 0; i < products; i++) chain = b.op("MatMul", [chain, zeros]);
  b.call({ op: "Add", inputs: [x, b.op("ReduceSum", [chain, b.ints([0, 1])], { keepdims: 1 })], outputs: ["y"] });
  b.output("y", "float32", ["N", 2]);
  return writeModel(b.model());
}

/** A request of rows of two. */
export function rowsOf(...rows: readonly (readonly [number, number])[]) {
  return { inputs: [{ name: "x", datatype: "FP32", shape: [rows.length, 2], data: rows.flat() }] };
}

export interface RawOptions {
  /** Between the pieces, milliseconds. */
  readonly pauseMs?: number;
  /** Hang up when this many whole answers have come. Without it the server's end of the connection is waited for. */
  readonly answers?: number;
  /** Hang up after this long, milliseconds, whatever came: for clients that go away, not for hearing an answer. */
  readonly patienceMs?: number;
}

/** Sends bytes as they are (Latin-1), piece by piece, and gives everything that came back until the other side closed. */
export function talk(
  port: number,
  text: string | readonly string[],
  { pauseMs = 20, patienceMs = 60_000, answers = Infinity }: RawOptions = {},
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let heard = "";
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
      if (wholeAnswers(heard) >= answers) socket.destroy();
    });
    socket.on("error", () => socket.destroy());
    const timer = setTimeout(() => socket.destroy(), patienceMs);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(heard);
    });
    const pieces = [text].flat() as string[];
    const next = () => {
      const piece = pieces.shift();
      if (piece === undefined || socket.destroyed) return;
      socket.write(Buffer.from(piece, "latin1"));
      setTimeout(next, pauseMs);
    };
    socket.on("connect", next);
  });
}

/** How many answers stand whole in what was heard; "100 Continue" is none. */
function wholeAnswers(heard: string): number {
  let count = 0;
  for (let rest = heard; ; count++) {
    while (rest.startsWith("HTTP/1.1 100")) rest = rest.slice(rest.indexOf("\r\n\r\n") + 4);
    const head = rest.indexOf("\r\n\r\n");
    const end = head + 4 + Number(/\r\ncontent-length: (\d+)\r/i.exec(rest.slice(0, head + 2))?.[1] ?? 0);
    if (head < 0 || rest.length < end) return count;
    rest = rest.slice(end);
  }
}
