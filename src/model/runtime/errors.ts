declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "runtime/not-installed": "the ONNX Runtime package for this platform is not installed";
    "runtime/no-provider": "none of the wanted execution providers is available here";
    "runtime/load-refused": "ONNX Runtime refused the model";
    "runtime/load-limit": "loading the model took more memory or time than it may";
    "runtime/external-data": "the model names data outside its file that was not given";
    "runtime/contract-mismatch": "the loaded model has other inputs or outputs than its contract";
    "runtime/bad-input": "an input is missing, unknown, or not of the type and shape its dimensions say";
    "runtime/unsupported-type": "ONNX Runtime's JavaScript binding has no such element type";
    "runtime/run-failed": "a node of the model failed on these inputs";
    "runtime/run-limit": "a run took longer than any run may, and was stopped";
    "runtime/out-of-memory": "the model asked for more memory than it may use";
    "runtime/output-too-large": "the model's answer is larger than an answer may be";
    "runtime/overloaded": "the model's queue is full";
    "runtime/deadline": "the deadline passed before the model had an answer";
    "runtime/cancelled": "the caller gave the request up";
    "runtime/worker-lost": "the worker that ran the model died";
    "runtime/unhealthy": "the model's workers died again and again";
    "runtime/closed": "the session or model was closed";
    "runtime/bad-frame": "a worker process sent bytes that are not our protocol";
  }
}

export {};
