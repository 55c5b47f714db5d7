// Starts in a worker thread: one embedded database, until it is closed.
import { parentPort, workerData } from "node:worker_threads";
import { openLite } from "./lite.node.ts";
import type { Lite, LiteOptions } from "./lite.node.ts";
import type { LiteAnswer, LiteCall } from "./lite-thread.node.ts";

const port = parentPort!;
const opened = openLite(workerData as LiteOptions);

async function answer(id: number, work: Promise<unknown>): Promise<void> {
  try {
    port.postMessage({ id, value: await work } satisfies LiteAnswer);
  } catch (error) {
    const { message, code, hint } = error as { message: string; code?: string; hint?: string };
    const failed = { message, ...(code !== undefined && { code }), ...(hint !== undefined && { hint }) };
    port.postMessage({ id, failed } satisfies LiteAnswer);
  }
}

function work(lite: Lite, { call, text, parameters }: LiteCall): Promise<unknown> {
  if (call === "query") return lite.query(text, parameters).then(({ rows, affectedRows }) => ({ rows, affectedRows }));
  return call === "dump" ? lite.dump() : lite.close();
}

port.on(
  "message",
  (call: LiteCall) =>
    void answer(
      call.id,
      opened.then((lite) => work(lite, call)),
    ),
);
await answer(
  0,
  opened.then(() => true),
);
