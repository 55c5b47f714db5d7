/**
 * Two words shared between a worker thread and its owner. Stopping a thread (Worker.terminate, process.exit) while it is inside
 * ONNX Runtime aborts the whole process: the binding throws `Napi::Error` into C++ when it comes back to a dying isolate
 * ("terminate called after throwing an instance of 'Napi::Error'", onnxruntime-node 1.30). So nobody stops a busy thread.
 */
export const threadFlags = {
  /** 1 while the thread is, or is about to be, inside ONNX Runtime. */
  busy: 0,
  /** One of {@link threadStop}. */
  stop: 1,
} as const;

/** What a thread may still do: everything, only give its memory back, or nothing because the process is exiting. */
export const threadStop = { no: 0, closing: 1, exiting: 2 } as const;
