// What one writes by hand: a worker thread with a session, one message a request. No queue, no batching, no deadline, no replacement.
import { readFileSync } from "node:fs";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

/** Gives `run(pixels)` over a thread. */
export async function bareWorker() {
  const worker = new Worker(new URL(import.meta.url));
  const waiting = new Map();
  let id = 0;
  await new Promise((resolve) => worker.once("message", resolve));
  worker.on("message", (answer) => {
    waiting.get(answer.id)(answer.data);
    waiting.delete(answer.id);
  });
  return {
    run(pixels) {
      const data = pixels.slice();
      return new Promise((resolve) => {
        waiting.set(++id, resolve);
        worker.postMessage({ id, data }, [data.buffer]);
      });
    },
    close: () => worker.terminate(),
  };
}

if (!isMainThread) {
  const { default: ort } = await import("onnxruntime-node");
  const model = readFileSync(new URL("../../examples/models/digits.onnx", import.meta.url));
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 2, interOpNumThreads: 1 });
  parentPort.on("message", async ({ id, data }) => {
    const pixels = new Float32Array(data.buffer);
    const { logits } = await session.run({ input: new ort.Tensor("float32", pixels, [pixels.length / 784, 1, 28, 28]) });
    parentPort.postMessage({ id, data: logits.data }, [logits.data.buffer]);
  });
  parentPort.postMessage("ready");
}
