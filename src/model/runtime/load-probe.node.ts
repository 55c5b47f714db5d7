/**
 * The first load of a model happens where it can do no harm: in a caged process, first without graph optimisation, which evaluates
 * constant subgraphs and so lets a file of 137 bytes ask for 600 MB (onnxruntime#28730), then as it will be served. Only a model that
 * has come through both, within its memory and time, is opened anywhere else.
 */
import { isModelkeepError, ModelkeepError, quote } from "../../base/error/index.ts";
import type {} from "./errors.ts";
import type { Hosts } from "./hosts.node.ts";
import type { HostOpenOptions } from "./host.ts";
import type { ModelContract } from "../onnx/index.ts";
import { largestFold } from "./ort.ts";
import type { SessionInfo } from "./session.ts";

export interface LoadProbeOptions {
  readonly hosts: Hosts;
  readonly bytes: Uint8Array;
  readonly contract: ModelContract;
  readonly open: HostOpenOptions;
  readonly memoryBytes: number;
}

/**
 * @throws runtime/load-limit, runtime/load-refused, runtime/contract-mismatch, runtime/unsupported-type, runtime/no-provider
 */
export async function probeLoad({ hosts, bytes, contract, open, memoryBytes }: LoadProbeOptions): Promise<SessionInfo> {
  // A fold that gets no memory is left out, and the load goes on: in a thread, which has no limit, it would not be. With room for
  // one fold above the limit, whoever wants more than the limit is seen to pass it.
  const room = memoryBytes + largestFold(bytes.byteLength);
  const host = await hosts.start({ isolation: "process", memoryBytes: room, maxOutputBytes: open.maxOutputBytes });
  try {
    await Promise.race([host.hello, host.lost]);
    const before = host.memoryBytes() ?? 0;
    await host.open(bytes, { ...open, optimisation: "none" });
    const info = await host.open(bytes, open);
    const used = (host.peakBytes() ?? 0) - before;
    if (used > memoryBytes) throw overLimit(`loading the model took ${used} bytes of memory`, memoryBytes);
    checkContract(contract, info);
    return info;
  } catch (error) {
    throw asLoadError(error, memoryBytes);
  } finally {
    await host.kill();
  }
}

/** While loading, a death is the model's doing: too much memory, or a crash inside ONNX Runtime. */
function asLoadError(error: unknown, memoryBytes: number): unknown {
  if (!isModelkeepError(error) || (error.code !== "runtime/worker-lost" && error.code !== "runtime/out-of-memory")) return error;
  return overLimit(`loading the model ended its process: ${error.message}`, memoryBytes, error);
}

const overLimit = (message: string, memoryBytes: number, cause?: unknown): ModelkeepError =>
  new ModelkeepError("runtime/load-limit", {
    message,
    hint: `it may use ${memoryBytes} bytes; a model that needs more, or that crashes ONNX Runtime, is not served`,
    status: 422,
    cause,
  });

/** @throws runtime/contract-mismatch */
function checkContract(contract: ModelContract, info: SessionInfo): void {
  for (const side of ["inputs", "outputs"] as const) {
    for (const { name, type } of contract[side]) {
      const found = info[side].find((value) => value.name === name);
      if (found?.type === type) continue;
      throw new ModelkeepError("runtime/contract-mismatch", {
        message: `the contract says ${side.slice(0, -1)} ${quote(name)} is ${type}, the model ${found ? `says ${found.type}` : "has none of that name"}`,
        hint: "derive the contract from this very file",
        status: 422,
      });
    }
  }
}
