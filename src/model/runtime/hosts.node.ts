import { workerEntry } from "../../base/port/index.node.ts";
import { findCage } from "./cage.node.ts";
import type { Cage } from "./cage.node.ts";
import { startChild } from "./child-link.node.ts";
import { readFacts, reportOf } from "./isolation-report.node.ts";
import type { IsolationReport } from "./isolation-report.node.ts";
import { createHost } from "./host.ts";
import type { Host } from "./host.ts";
import { startThread } from "./thread-link.node.ts";

/** Where a model runs: a worker thread of this process (trusted models) or a caged process of its own. */
export type Isolation = "worker" | "process";

/** Node itself, its compiler threads and ONNX Runtime's code take this much before a model is there (measured: 60–80 MB). */
export const bareProcessBytes = 96 * 2 ** 20;

export interface HostNeeds {
  readonly isolation: Isolation;
  /** What the model may allocate, beyond the bare process; only a process can be held to it. */
  readonly memoryBytes: number;
  /** The most data in one answer. */
  readonly maxOutputBytes: number;
}

/** Starts hosts. Finds out once what cage this machine allows. */
export interface Hosts {
  start(needs: HostNeeds): Promise<Host>;
  report(): Promise<IsolationReport>;
}

export function createHosts(): Hosts {
  const entry = workerEntry(import.meta.url, "./child-entry.node.ts");
  let found: Promise<Cage> | undefined;
  const cage = (): Promise<Cage> => (found ??= findCage(entry));

  async function startProcess(needs: Omit<HostNeeds, "isolation">): Promise<Host> {
    const options = {
      entry,
      cage: await cage(),
      memoryBytes: bareProcessBytes + needs.memoryBytes,
      // Padding and several outputs: each is rounded up to 8 bytes.
      maxFrameBytes: needs.maxOutputBytes + 2 ** 20,
    };
    return createHost((events) => startChild(options, events));
  }

  return {
    start: async (needs) => (needs.isolation === "worker" ? createHost(startThread) : startProcess(needs)),
    async report() {
      const host = await startProcess({ memoryBytes: 64 * 2 ** 20, maxOutputBytes: 0 });
      try {
        const told = await Promise.race([host.hello, host.lost]);
        return reportOf(typeof told === "string" ? readFacts(told) : told);
      } finally {
        void host.kill();
      }
    },
  };
}
