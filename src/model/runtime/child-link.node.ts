import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { escapeText, ModelkeepError, toModelkeepError } from "../../base/error/index.ts";
import { cageCommand, searchPath } from "./cage.node.ts";
import type { Cage } from "./cage.node.ts";
import type {} from "./errors.ts";
import { encodeFrame } from "./frame.ts";
import { createFrameReader } from "./frame-reader.ts";
import type { Link, LinkEvents } from "./link.ts";

export interface ChildOptions {
  readonly entry: URL;
  readonly cage: Cage;
  /** What the process may allocate, Node itself included (about 80 MB). */
  readonly memoryBytes: number;
  /** The most data that is taken from the process in one frame. */
  readonly maxFrameBytes: number;
}

/** How often memory is looked at. The kernel refuses private memory beyond the limit at once; this finds shared memory, and machines without limits. */
const watchEveryMs = 50;
const lastWords = 2000;

/** Starts a caged process for a model that nobody vouches for. Whatever it does, it cannot take this process along. */
export function startChild(options: ChildOptions, events: LinkEvents): Link {
  const child = spawnCaged(options);
  const socket = child.stdio[3] as Duplex;
  const reader = createFrameReader(options.maxFrameBytes);
  let stderr = "";
  let ended = false;

  const kill = (): void => {
    ended = true;
    child.kill("SIGKILL");
    socket.destroy();
  };
  const lose = (error: ModelkeepError): void => {
    if (ended) return;
    kill();
    events.lost(error);
  };
  const gone = new Promise<void>((resolve) => {
    child.once("exit", (code, signal) => {
      clearInterval(watch);
      lose(childLost(signal === null ? `exit code ${code}` : signal, stderr));
      resolve();
    });
    child.once("error", (cause) => {
      clearInterval(watch);
      lose(childLost("it could not be started", stderr, cause));
      resolve();
    });
  });
  const watch = setInterval(() => {
    const bytes = memoryOf(child.pid)?.now ?? 0;
    if (bytes > options.memoryBytes) lose(tooMuchMemory(bytes, options.memoryBytes));
  }, watchEveryMs);
  watch.unref();

  child.stderr?.setEncoding("latin1").on("data", (text: string) => {
    stderr = (stderr + text).slice(-lastWords);
  });
  socket.on("data", (chunk: Buffer) => {
    if (ended) return;
    try {
      for (const frame of reader.push(chunk)) events.frame(frame);
    } catch (error) {
      lose(toModelkeepError(error));
    }
  });
  // A broken pipe is followed by the exit, which tells more.
  socket.on("error", () => {});

  return {
    gone,
    takesMemory: false,
    kill,
    memoryBytes: () => memoryOf(child.pid)?.now,
    peakBytes: () => memoryOf(child.pid)?.peak,
    send(frame) {
      if (frame.kind === "close") ended = true;
      if (socket.destroyed) return;
      socket.cork();
      for (const block of encodeFrame(frame)) socket.write(block);
      socket.uncork();
    },
  };
}

function spawnCaged(options: ChildOptions): ChildProcess {
  const heapMb = Math.max(32, Math.min(256, Math.floor(options.memoryBytes / 8 / 2 ** 20)));
  // No compiler: nothing in there may make memory executable, and V8 does not reserve half a gigabyte for code, which Node 24 does
  // in a way that counts against the limit. The little JavaScript in there gains nothing from being compiled.
  const flags = ["--jitless", "--v8-pool-size=1", `--max-old-space-size=${heapMb}`];
  const node = [process.execPath, ...flags, fileURLToPath(options.entry)];
  const { file, args } = cageCommand(options.cage, options.memoryBytes, options.cage.dropInside ? [...node, "--drop"] : node);
  return spawn(file, args, {
    cwd: process.platform === "win32" ? undefined : "/",
    // A session of its own: no signal of our terminal reaches it, and it has no terminal to speak to.
    detached: true,
    env: searchPath,
    windowsHide: true,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
}

/** Anonymous and shared memory of a process. Not its whole resident set: the mapped files of Node and ONNX Runtime are nobody's fault. */
function memoryOf(pid: number | undefined): { readonly now: number; readonly peak: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const bytes = (name: string): number => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
    return { now: bytes("RssAnon") + bytes("RssShmem"), peak: bytes("VmHWM") - bytes("RssFile") };
  } catch {
    return undefined;
  }
}

const childLost = (how: string, stderr: string, cause?: unknown): ModelkeepError =>
  new ModelkeepError("runtime/worker-lost", {
    message: `the process that ran the model died (${how})`,
    hint: "try again; the process is being replaced",
    status: 503,
    retryAfterSeconds: 1,
    cause: cause ?? (stderr === "" ? undefined : new Error(escapeText(stderr, lastWords))),
  });

const tooMuchMemory = (bytes: number, limit: number): ModelkeepError =>
  new ModelkeepError("runtime/out-of-memory", {
    message: `the model's process was stopped at ${bytes} bytes of memory, it may use ${limit}`,
    hint: "send fewer rows at once, or give the model more memory",
    status: 503,
    retryAfterSeconds: 1,
  });
