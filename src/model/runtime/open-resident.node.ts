import { allocate } from "./allocate.node.ts";
import { checkExternalData } from "./external.ts";
import { createHosts } from "./hosts.node.ts";
import type { NodeSessionOptions } from "./open.node.ts";
import { residentOver } from "./resident.ts";
import type { Resident } from "./resident.ts";
import { copyTensors } from "./rows.ts";

/** What opening a place for state in Node can say; the same for all its models. */
export type NodeResidentOptions = Omit<NodeSessionOptions, "externalData">;

/**
 * A place for state and models outside the calling thread, which stays free while they load and run.
 * @example
 * const place = await openResident({ threads: 2 });
 * @throws what {@link openSession} throws when a model is loaded
 */
export async function openResident(options: NodeResidentOptions = {}): Promise<Resident> {
  const { isolation = "worker", memoryBytes = 2 ** 32, maxOutputBytes = 2 ** 31, ...rest } = options;
  const { loadTimeoutMs = 120_000, runTimeoutMs = longest, ...sessionOptions } = rest;
  const host = await createHosts().start({ isolation, memoryBytes, maxOutputBytes });
  const own = host.takesMemory ? copyTensors : (tensors: Parameters<typeof copyTensors>[0]) => tensors;
  return residentOver({
    load(bytes, wiring) {
      checkExternalData(bytes, undefined);
      return host.open(bytes, { ...sessionOptions, timeoutMs: loadTimeoutMs, maxOutputBytes, wiring });
    },
    run: async (graph, inputs, outputs) =>
      (await host.run(own(inputs, allocate), { outputs, timeoutMs: runTimeoutMs, graph })).outputs,
    write: (tensors) => host.write(own(tensors, allocate), runTimeoutMs),
    read: (names) => host.read(names, runTimeoutMs),
    close: () => host.close(),
  });
}

/** The longest a Node timer can wait: 24 days. */
const longest = 2 ** 31 - 1 - 20_000;
