import { readlinkSync } from "node:fs";
import type { ModelkeepError } from "../../base/error/index.ts";
import type { CageFacts } from "./cage-facts.ts";

/** Which caps hold for a model's process on this machine, as seen from inside one: `modelkeep doctor` prints it. */
export interface IsolationReport {
  /** False when no caged process starts at all; {@link notes} say why. */
  readonly works: boolean;
  /** The kernel refuses memory beyond the limit. Without it only the watchdog remains, where there is `/proc`. */
  readonly memoryLimit: boolean;
  /** A look at the process's memory every 50 ms, and SIGKILL beyond the limit. */
  readonly memoryWatchdog: boolean;
  /** The process has a network namespace of its own, without any interface that leads out. */
  readonly noNetwork: boolean;
  /** It runs under another user than we do. */
  readonly ownUser: boolean;
  readonly noNewPrivileges: boolean;
  readonly noCoreDumps: boolean;
  /** It can write no regular file. */
  readonly noFileWrites: boolean;
  readonly emptyEnvironment: boolean;
  /** One sentence for each cap that does not hold: why, and what would give it. */
  readonly notes: readonly string[];
}

/** The report from the facts of one process, or from the reason why none started. */
export function reportOf(facts: CageFacts | ModelkeepError): IsolationReport {
  if (facts instanceof Error) {
    return { ...nothing, notes: [`no process for a model can be started: ${facts.message}`] };
  }
  const network = link("/proc/self/ns/net");
  const holds = {
    memoryLimit: facts.memoryBytes !== null,
    memoryWatchdog: process.platform === "linux",
    noNetwork: network !== null && facts.networkNamespace !== null && facts.networkNamespace !== network,
    // In another user namespace a number says nothing: root in there can be ourselves out here.
    ownUser: facts.user !== null && facts.user !== process.getuid?.() && facts.userNamespace === link("/proc/self/ns/user"),
    noNewPrivileges: facts.noNewPrivileges,
    noCoreDumps: facts.coreBytes === 0,
    noFileWrites: facts.fileBytes === 0,
    emptyEnvironment: facts.environment === 0,
  };
  const notes = (Object.keys(why) as (keyof typeof why)[]).filter((cap) => !holds[cap]).map((cap) => why[cap]);
  return { works: true, ...holds, notes };
}

const nothing = {
  works: false,
  memoryLimit: false,
  memoryWatchdog: false,
  noNetwork: false,
  ownUser: false,
  noNewPrivileges: false,
  noCoreDumps: false,
  noFileWrites: false,
  emptyEnvironment: false,
} as const;

const why = {
  memoryLimit: "memory is not limited by the kernel: `ulimit -d` has no effect here",
  memoryWatchdog: "memory is not watched: that needs Linux and /proc",
  noNetwork: "the network is not cut off: `unshare --net` is not allowed; run as root or allow unprivileged user namespaces",
  ownUser:
    "the process runs as our own user, so code that broke out of ONNX Runtime could read what we can: start modelkeep as root in a container",
  noNewPrivileges:
    "the process could gain privileges through set-user-ID files: `setpriv --no-new-privs` (util-linux) is not there",
  noCoreDumps: "a crash may leave a core dump with model and inputs in it: `ulimit -c 0` has no effect here",
  noFileWrites: "the process could write files that its user may write: `ulimit -f 0` has no effect here",
  emptyEnvironment: "the process has environment variables",
} as const;

/** Facts as a caged process told them before it saw a model. */
export function readFacts(text: string): CageFacts {
  return JSON.parse(text) as CageFacts;
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
