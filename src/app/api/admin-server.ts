import { chmod, lstat, mkdir, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { dirname } from "node:path";
import type { Actor } from "../../base/evidence/index.ts";
import { ModelkeepError, quote, toModelkeepError } from "../../base/error/index.ts";
import type { Logger } from "../../base/log/index.ts";
import type { Registry } from "../../base/registry/index.ts";
import type { Operation } from "./define.ts";
import type {} from "./errors.ts";
import { runOperation } from "./run-operation.ts";
import type { Services } from "./services.ts";

export interface AdminServerOptions {
  /** Path of the socket; its folder is made with mode 0700, the socket has 0600: the file system is the door. */
  readonly socket: string;
  readonly services: Services;
  readonly operations: Registry<Operation>;
  /** Who the evidence names for what is asked here. */
  readonly by: Actor;
  readonly log: Logger;
}

const maxInputBytes = 1 << 20;

/** Serves the operations on a Unix socket: `POST /operations/ID` with JSON in and out. It carries no tensors and no inference. */
export async function createAdminServer(
  options: AdminServerOptions,
): Promise<{ readonly socket: string; close(): Promise<void> }> {
  const { socket, log } = options;
  await makePrivate(dirname(socket));
  await removeStale(socket); // left by a killed process; the state folder's lock says that nobody listens on it
  const server = createServer((request, response) => {
    answer(request, options).then(
      (value) => send(response, 200, { value: value ?? null }),
      (cause: unknown) => {
        const error = toModelkeepError(cause);
        if (error.code === "internal/unexpected") log.error("an admin operation broke", { error });
        send(response, error.status, { error: { ...error.toJSON(), exit: error.exit, status: error.status } });
      },
    );
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve));
  server.on("error", (error) => log.error("the admin socket failed", { error })); // too many open files must not end the process
  // Until here the folder alone keeps others out. A umask would do it at once, but also to every folder that another thread is making.
  await chmod(socket, 0o600);
  return {
    socket,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

/**
 * The folder of the socket, made or found to be ours alone. Under the temporary folder others can foresee its name; theirs would let them
 * put a socket of their own in the place of ours.
 */
async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const us = process.getuid?.();
  const [entry, target] = await Promise.all([lstat(folder), stat(folder)]);
  // A link to it may be root's; whoever else owns the link can point it elsewhere tomorrow.
  if (us !== undefined && (target.uid !== us || (entry.uid !== us && entry.uid !== 0)))
    throw unusable(folder, "it belongs to another user");
  if ((target.mode & 0o077) !== 0) await chmod(folder, 0o700);
}

async function removeStale(socket: string): Promise<void> {
  await rm(socket, { force: true }).catch((cause: unknown) => {
    throw unusable(socket, (cause as Error).message, cause);
  });
}

function unusable(path: string, why: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("api/socket-unusable", {
    message: `no admin socket can be opened at ${quote(path, 200)}: ${quote(why)}`,
    hint: "move away what stands there, or give another state folder with `--state DIR`",
    cause,
  });
}

async function answer(request: IncomingMessage, { services, operations, by }: AdminServerOptions): Promise<unknown> {
  const id = /^\/operations\/([a-zA-Z.-]{1,64})$/.exec(request.url ?? "")?.[1];
  if (request.method !== "POST" || id === undefined || !operations.has(id)) {
    throw new ModelkeepError("api/unknown-operation", {
      message: `no operation ${quote(`${request.method} ${request.url}`)}`,
      hint: "the running service is another version: restart it",
      status: 404,
    });
  }
  return runOperation(operations.get(id), services, { input: await readJson(request), by });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxInputBytes) throw badInput(`is larger than ${maxInputBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
  } catch {
    throw badInput("is not JSON");
  }
}

function badInput(what: string): ModelkeepError {
  return new ModelkeepError("api/bad-input", { message: `the input ${what}`, hint: "send a JSON object", status: 400, exit: 4 });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
