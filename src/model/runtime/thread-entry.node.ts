// Starts in a worker thread: one session, one frame after another.
import { parentPort, workerData } from "node:worker_threads";
import { ModelkeepError } from "../../base/error/index.ts";
import type { Frame } from "./frame.ts";
import { openOrtNode } from "./ort.node.ts";
import { createFrameServer, failedFrame } from "./serve-frames.ts";
import { threadFlags, threadStop } from "./thread-flags.ts";

const port = parentPort!;
const flags = new Int32Array(workerData as SharedArrayBuffer);
const server = createFrameServer(openOrtNode);
let last: Promise<void> = Promise.resolve();

port.on("message", (frame: Frame) => {
  last = last.then(() => serve(frame));
});

async function serve(frame: Frame): Promise<void> {
  const answer = await answerUnlessStopped(frame);
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of answer.tensors) if (data.byteLength > 0) buffers.add(data.buffer as ArrayBuffer);
  port.postMessage(answer, [...buffers]);
  if (frame.kind === "close") port.close();
}

/** INVARIANT: says that it is busy before it looks whether it may be, as the owner says stop before it looks whether it is busy. */
async function answerUnlessStopped(frame: Frame): Promise<Frame> {
  Atomics.store(flags, threadFlags.busy, 1);
  try {
    const allowed = frame.kind === "close" ? threadStop.closing : threadStop.no;
    if (Atomics.load(flags, threadFlags.stop) <= allowed) return await server.answer(frame);
    return failedFrame(frame.id, new ModelkeepError("runtime/closed", { message: "the session is closing", status: 503 }));
  } finally {
    Atomics.store(flags, threadFlags.busy, 0);
    Atomics.notify(flags, threadFlags.busy);
  }
}
