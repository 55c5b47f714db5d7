/** The thread in which model files are scanned: a scan takes seconds for a gigabyte, and requests do not wait for it. */

import { parentPort } from "node:worker_threads";
import { scanBytes } from "../../../posture/scan/index.ts";
import type { ScanAnswer, ScanQuestion } from "./scan-thread.ts";

parentPort?.on("message", ({ id, name, bytes }: ScanQuestion) => {
  const targets = scanBytes(bytes, name);
  const findings = targets.flatMap((target) =>
    target.findings.map(({ rule, severity, message }) => ({ rule, severity, message })),
  );
  const failed = targets.some(({ status }) => status === "failed");
  // Memory goes there and back without a copy.
  parentPort?.postMessage({ id, bytes, findings, failed } satisfies ScanAnswer, [bytes.buffer as ArrayBuffer]);
});
