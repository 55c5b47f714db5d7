/**
 * What a model that nobody vouches for runs in: a process of its own with capped memory, no network, another user, no core
 * dumps, no files to write, and nothing of our environment. Linux tools (util-linux) set it up before Node starts; each is
 * tried once, and what this machine does not allow is left out and reported, never assumed.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The user and group `nobody`, by number: a container may have no /etc/passwd. */
export const nobody = 65_534;

/** Prefixes of the command line that this machine allows. */
export interface Cage {
  /** Whether POSIX `sh` can set limits. */
  readonly limits: boolean;
  readonly network: readonly string[];
  readonly privileges: readonly string[];
  /** The process starts as root and must become `nobody` itself, since `nobody` may not read our files. */
  readonly dropInside: boolean;
}

/** Finds out what this machine allows. Takes some tens of milliseconds. */
export async function findCage(entry: URL): Promise<Cage> {
  if (process.platform === "win32") return { limits: false, network: [], privileges: [], dropInside: false };
  const root = process.getuid?.() === 0;
  const network = await firstWorking(
    [
      ["unshare", "--net"],
      ["unshare", "--map-current-user", "--net"],
    ],
    ["true"],
  );
  const plain = ["setpriv", "--no-new-privs", "--pdeathsig=KILL"];
  const asNobody = [...plain, `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
  // In a user namespace of our own `nobody` does not exist; there the process keeps our user.
  const mayDrop = root && !network.includes("--map-current-user");
  const readable = mayDrop
    ? await firstWorking([asNobody], ["sh", "-c", 'for f; do test -r "$f" || exit 1; done', "sh", ...neededFiles(entry)])
    : [];
  const privileges = readable.length > 0 ? readable : await firstWorking([plain], ["true"]);
  return { limits: await works(["sh", "-c", "ulimit -c 0"]), network, privileges, dropInside: mayDrop && readable.length === 0 };
}

/** The whole command for `node …args`. `memoryBytes` caps what the process may allocate (RLIMIT_DATA). */
export function cageCommand(cage: Cage, memoryBytes: number, node: readonly string[]): { file: string; args: readonly string[] } {
  if (process.platform === "win32") return { file: node[0]!, args: node.slice(1) };
  const prefixes = [cage.network, cage.privileges].flatMap((prefix) => (prefix.length > 0 ? prefix.concat("--") : []));
  // The search path was for these tools; Node itself starts with an empty environment.
  const command = [...prefixes, "env", "-i", ...node];
  if (!cage.limits) return { file: command[0]!, args: command.slice(1) };
  // No core dump, no file written (a regular file's size is 0), few descriptors, memory in KiB. Where one may not be set it is
  // left as it is, and the report says so.
  const limits = ["-c 0", "-f 0", "-n 64", `-d ${Math.floor(memoryBytes / 1024)}`].map((limit) => `ulimit ${limit} 2>/dev/null`);
  return { file: "sh", args: ["-c", `${limits.join("; ")}; exec "$@"`, "sh", ...command] };
}

/** What `nobody` must be able to read for the process to start: Node, this code, and ONNX Runtime's binaries. */
function neededFiles(entry: URL): string[] {
  const files = [process.execPath, fileURLToPath(entry)];
  try {
    const main = createRequire(entry).resolve("onnxruntime-node");
    const bin = join(dirname(main), "..", "bin", "napi-v6", process.platform, process.arch, "onnxruntime_binding.node");
    files.push(main, ...(existsSync(bin) ? [bin] : []));
  } catch {
    // Not installed: opening the session says so.
  }
  return files;
}

async function firstWorking(candidates: readonly string[][], command: readonly string[]): Promise<readonly string[]> {
  for (const candidate of candidates) if (await works([...candidate, "--", ...command])) return candidate;
  return [];
}

function works(command: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(command[0]!, command.slice(1), { timeout: 5000, env: searchPath, cwd: "/" }, (error) => resolve(error === null));
  });
}

/** For finding `sh`, `unshare` and `setpriv`; fixed, so that nobody's PATH chooses them. */
export const searchPath = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin" };
