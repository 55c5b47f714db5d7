import { connect } from "node:net";

/**
 * Sends the same bytes again and again over kept-alive connections and times the answers. Without `perSecond` a closed loop: each connection
 * sends when its answer is there. With it an open loop: requests fall due at that rate whatever the server does, and a latency counts from the
 * moment its request was due, so that a server that stalls cannot hide it.
 */
export async function load({ url, request, connections = 16, seconds = 5, perSecond, localAddress }) {
  const { hostname, port } = new URL(url);
  const run = { latenciesMs: [], statuses: {}, lost: 0 };
  const startedMs = performance.now();
  const untilMs = startedMs + seconds * 1000;
  const isOver = () => performance.now() >= untilMs;
  const address = { host: hostname, port: Number(port), ...(localAddress === undefined ? {} : { localAddress }) };
  const schedule = perSecond === undefined ? undefined : openLoop(perSecond, { startedMs, untilMs });

  async function work() {
    while (!isOver()) {
      const line = await openLine(address, request);
      for (let due = await nextDue(line); due !== undefined; due = await nextDue(line)) {
        const status = await line.ask();
        if (status === undefined) {
          run.lost++;
          break;
        }
        run.statuses[status] = (run.statuses[status] ?? 0) + 1;
        run.latenciesMs.push(performance.now() - due);
      }
      line.end();
    }
  }
  const nextDue = (line) => {
    if (line.isClosed || isOver()) return undefined;
    return schedule === undefined ? performance.now() : schedule.next();
  };

  await Promise.all(Array.from({ length: connections }, work));
  schedule?.stop();
  const answers = run.latenciesMs.length;
  return { ...run, answers, perSecond: answers / ((performance.now() - startedMs) / 1000) };
}

/** Sends it once; gives the status. */
export async function askOnce({ url, request }) {
  const { hostname, port } = new URL(url);
  const line = await openLine({ host: hostname, port: Number(port) }, request);
  const status = await line.ask();
  line.end();
  return status;
}

/** Hands out due times: to a connection that waits for one, or later to the first that comes free. */
function openLoop(perSecond, { startedMs, untilMs }) {
  let issued = 0;
  const due = [];
  const idle = [];
  const timer = setInterval(() => {
    const nowMs = Math.min(performance.now(), untilMs);
    for (const wanted = ((nowMs - startedMs) / 1000) * perSecond; issued < wanted; issued++) {
      const dueMs = startedMs + (issued / perSecond) * 1000;
      const worker = idle.shift();
      if (worker === undefined) due.push(dueMs);
      else worker(dueMs);
    }
    if (performance.now() >= untilMs) for (const worker of idle.splice(0)) worker(undefined);
  }, 1);
  return {
    next: () => (due.length > 0 ? due.shift() : new Promise((resolve) => idle.push(resolve))),
    stop: () => clearInterval(timer),
  };
}

/** One connection. `ask` settles with the status, or with undefined when the connection ended without an answer. */
async function openLine(address, request) {
  const socket = connect(address);
  socket.setNoDelay(true);
  let pending;
  let answered = () => {};
  const line = {
    isClosed: false,
    ask: () =>
      new Promise((resolve) => {
        answered = resolve;
        socket.write(request);
      }),
    end: () => socket.destroy(),
  };
  socket.on("data", (chunk) => {
    pending = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
    const answer = wholeAnswer(pending);
    if (answer === undefined) return;
    pending = undefined; // the next request leaves only now, so nothing stands behind the answer
    if (answer.closes) line.isClosed = true;
    answered(answer.status);
  });
  socket.on("error", () => {});
  await new Promise((resolve) => {
    socket.once("connect", resolve);
    socket.once("close", () => {
      line.isClosed = true;
      answered(undefined);
      resolve();
    });
  });
  return line;
}

/** Reads no more than status, length and whether the connection ends, so that the client costs as little as it can. */
function wholeAnswer(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const head = bytes.latin1Slice(0, end + 2);
  const length = Number(/\r\ncontent-length: (\d+)\r/i.exec(head)?.[1] ?? 0);
  if (bytes.length < end + 4 + length) return undefined;
  return { status: head.slice(9, 12), closes: /\r\nconnection: close\r/i.test(head) };
}

export const inferPath = "/v2/models/digits/infer";

/** An inference of one image for the digit model, in the protocol's binary form. */
export function binaryRequest({ path = inferPath, headers = {} } = {}) {
  const tensor = Buffer.from(Float32Array.from({ length: 784 }, (_, i) => (i % 255) / 255).buffer);
  const head = JSON.stringify({
    inputs: [{ name: "input", shape: [1, 1, 28, 28], datatype: "FP32", parameters: { binary_data_size: tensor.length } }],
    parameters: { binary_data_output: true },
  });
  const body = Buffer.concat([Buffer.from(head), tensor]);
  return httpRequest({ path, headers: { "inference-header-content-length": head.length, ...headers }, body });
}

/** The same as JSON. */
export function jsonRequest({ path = inferPath, headers = {} } = {}) {
  const data = Array.from({ length: 784 }, (_, i) => Number(((i % 255) / 255).toFixed(4)));
  const body = JSON.stringify({ inputs: [{ name: "input", shape: [1, 1, 28, 28], datatype: "FP32", data }] });
  return httpRequest({ path, headers: { "content-type": "application/json", ...headers }, body: Buffer.from(body) });
}

/** A request of somebody who guesses keys: well formed, with a good check sum, and of nobody. */
export function badKeyRequest(key) {
  return httpRequest({ path: inferPath, headers: { authorization: `Bearer ${key}` }, body: Buffer.alloc(0) });
}

function httpRequest({ path, headers, body }) {
  const fields = Object.entries({ host: "127.0.0.1", "content-length": body.length, ...headers });
  const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n`), body]);
}
