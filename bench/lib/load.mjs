import { connect } from "node:net";

/**
 * Requests over kept-alive connections, each the same bytes: closed loop (`connections` at a time) for `seconds`, or open loop at `perSecond`.
 * Answers are told apart by their status line and Content-Length only, so that the client costs as little as it can.
 */
export async function load({ url, request, connections = 16, seconds = 5, perSecond, localAddress }) {
  const { hostname, port } = new URL(url);
  const latenciesMs = [];
  const statuses = new Map();
  const until = performance.now() + seconds * 1000;
  let errors = 0;

  const one = () =>
    new Promise((resolve) => {
      const socket = connect({ host: hostname, port: Number(port), ...(localAddress === undefined ? {} : { localAddress }) });
      socket.setNoDelay(true);
      let sentAt = 0;
      let pending = Buffer.alloc(0);
      let waiting = false;
      let onAnswer = () => {};
      socket.on("data", (chunk) => {
        pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
        const answer = wholeAnswer(pending);
        if (answer === undefined) return;
        pending = pending.subarray(answer.length);
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        latenciesMs.push(performance.now() - sentAt);
        waiting = false;
        onAnswer();
      });
      socket.on("error", () => {
        errors++;
      });
      socket.on("close", () => resolve());
      const send = () => {
        sentAt = performance.now();
        waiting = true;
        socket.write(request);
      };
      socket.on("connect", () => {
        if (perSecond === undefined) {
          onAnswer = () => (performance.now() < until ? send() : socket.end());
          send();
          return;
        }
        const gapMs = (1000 * connections) / perSecond;
        let next = performance.now() + Math.random() * gapMs;
        const tick = () => {
          if (performance.now() >= until) return socket.end();
          if (!waiting && performance.now() >= next) {
            next += gapMs;
            send();
          }
          setTimeout(tick, Math.max(0, next - performance.now()));
        };
        tick();
      });
    });

  const startedMs = performance.now();
  const workers = Array.from({ length: connections }, async () => {
    while (performance.now() < until) await one();
  });
  await Promise.all(workers);
  const elapsed = (performance.now() - startedMs) / 1000;
  return {
    answers: latenciesMs.length,
    perSecond: latenciesMs.length / elapsed,
    latenciesMs,
    statuses: Object.fromEntries(statuses),
    errors,
  };
}

function wholeAnswer(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const head = bytes.latin1Slice(0, end);
  const length = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  return bytes.length < length ? undefined : { length, status: head.slice(9, 12) };
}

/** A binary inference request of the Open Inference Protocol for the digit model, `rows` rows. */
export function binaryRequest({ path, headers = {}, rows = 1 }) {
  const tensor = Buffer.from(Float32Array.from({ length: rows * 784 }, (_, i) => (i % 255) / 255).buffer);
  const head = JSON.stringify({
    inputs: [{ name: "input", shape: [rows, 1, 28, 28], datatype: "FP32", parameters: { binary_data_size: tensor.length } }],
    parameters: { binary_data_output: true },
  });
  return httpRequest({
    path,
    headers: { "inference-header-content-length": head.length, ...headers },
    body: Buffer.concat([Buffer.from(head), tensor]),
  });
}

/** The same as JSON. */
export function jsonRequest({ path, headers = {} }) {
  const data = Array.from({ length: 784 }, (_, i) => Number(((i % 255) / 255).toFixed(4)));
  const body = JSON.stringify({ inputs: [{ name: "input", shape: [1, 1, 28, 28], datatype: "FP32", data }] });
  return httpRequest({ path, headers: { "content-type": "application/json", ...headers }, body: Buffer.from(body) });
}

export function httpRequest({ path, method = "POST", headers, body }) {
  const lines = Object.entries({ host: "127.0.0.1", "content-length": body.length, ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`), body]);
}
