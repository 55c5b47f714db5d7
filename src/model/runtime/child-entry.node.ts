// Starts in a caged process: one session, one frame after another over the socket at descriptor 3, read and written in turn.
import { readlinkSync, readSync, readFileSync, writeSync } from "node:fs";
import { nobody } from "./cage.node.ts";
import type { CageFacts } from "./cage-facts.ts";
import { decodeFrame, decodePrefix, encodeFrame, prefixBytes } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { loadOrtNode, openOrtNode } from "./ort.node.ts";
import { createFrameServer, failedFrame } from "./serve-frames.ts";

const socket = 3;
const server = createFrameServer(openOrtNode);

async function main(): Promise<void> {
  await announce();
  for (;;) {
    const frame = read();
    write(await server.answer(frame));
    if (frame.kind === "close") return;
  }
}

async function announce(): Promise<void> {
  let missing: unknown;
  // Loaded before the change of user, because `nobody` may not be able to read it afterwards.
  await loadOrtNode().catch((error: unknown) => (missing = error));
  if (process.argv.includes("--drop")) dropUser();
  if (missing !== undefined) write(failedFrame(0, missing));
  else write({ kind: "hello", id: 0, ms: 0, text: JSON.stringify(facts()), tensors: [] });
}

function dropUser(): void {
  process.setgroups?.([]);
  process.setgid?.(nobody);
  process.setuid?.(nobody);
}

/** What holds for this process, as the kernel tells it. */
function facts(): CageFacts {
  const limits = readProc("limits");
  const limit = (name: string): number | null => {
    const soft = new RegExp(`^${name}\\s+(\\S+)`, "m").exec(limits)?.[1];
    return soft === undefined || soft === "unlimited" ? null : Number(soft);
  };
  return {
    user: process.getuid?.() ?? null,
    networkNamespace: readLink("/proc/self/ns/net"),
    userNamespace: readLink("/proc/self/ns/user"),
    memoryBytes: limit("Max data size"),
    coreBytes: limit("Max core file size"),
    fileBytes: limit("Max file size"),
    noNewPrivileges: /^NoNewPrivs:\s+1$/m.test(readProc("status")),
    environment: Object.keys(process.env).length,
  };
}

function readProc(name: string): string {
  try {
    return readFileSync(`/proc/self/${name}`, "latin1");
  } catch {
    return "";
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function read(): Frame {
  const { headBytes, dataBytes } = decodePrefix(readExactly(prefixBytes), Number.MAX_SAFE_INTEGER);
  return decodeFrame(readExactly(headBytes), readExactly(dataBytes));
}

/** INVARIANT: starts at offset 0 of its own memory, so that tensors inside are aligned and need no copy. */
function readExactly(length: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length;) {
    const count = readSync(socket, bytes, at, Math.min(length - at, 1 << 30), null);
    // The owner is gone, or wants us gone.
    if (count === 0) process.exit(0);
    at += count;
  }
  return bytes;
}

function write(frame: Frame): void {
  for (const block of encodeFrame(frame)) {
    for (let at = 0; at < block.length;) at += writeSync(socket, block, at, Math.min(block.length - at, 1 << 30), null);
  }
}

await main();
