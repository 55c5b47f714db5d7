import type { FastifyReply, FastifyRequest } from "fastify";
import type { Socket } from "node:net";
import type { ModelkeepError } from "../../../base/error/index.ts";
import type { ServedModel } from "../models/models.ts";
import type { Action, Caller, Decision, Resource } from "../../access/index.ts";
import type { Who } from "../../firewall/index.ts";
import type { Suspicion } from "../suspicion.ts";
import type { RequestSpan } from "../telemetry/spans.ts";
import { declaredBytes } from "./linger.ts";

/** One request on its way, and what the walk has found out about it so far. */
export class Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Our id for the request, also in the header `x-request-id` and in its entry. */
  readonly id: string;
  /** Monotonic milliseconds at which the head was complete. */
  readonly startMs: number;
  /** Client address behind trusted proxies: the one that limits, bans, policies and the log speak of. */
  readonly address: string;
  /** What is asked for. */
  action: Action | undefined;
  resource: Resource | undefined;
  /** Set once the credential is known to be good. */
  caller: Caller | undefined;
  /** Set once policy has spoken. */
  decision: Decision | undefined;
  /** Set once the caller may use it; it cannot be unloaded before {@link close}. */
  model: ServedModel | undefined;
  /** Set when the model's detector flags an input. */
  suspicion: Suspicion | undefined;
  readonly span: RequestSpan;
  readonly #connection: Connection;
  readonly #endings: (() => void)[] = [];
  #fault: ModelkeepError | undefined;
  #fail: ((error: ModelkeepError) => void) | undefined;
  /** True when nothing after this request can be read from the connection. */
  isLast = false;

  constructor(options: { request: FastifyRequest; reply: FastifyReply; startMs: number; address: string; span: RequestSpan }) {
    this.request = options.request;
    this.reply = options.reply;
    this.id = options.request.id;
    this.startMs = options.startMs;
    this.address = options.address;
    this.span = options.span;
    this.#connection = connectionOf(options.request.raw.socket);
    this.#connection.exchange = this;
  }

  get authorization(): string | undefined {
    return this.request.headers.authorization;
  }

  /** Body bytes as the head declares them; 0 for a chunked body, which {@link declaredBytes} of the head does not tell. */
  get declaredBytes(): number {
    return declaredBytes(this.request.raw) ?? 0;
  }

  /** Whom the firewall charges. */
  get who(): Who {
    const { address, caller, model } = this;
    if (caller === undefined) return { address };
    const { principal, credential } = caller;
    return model === undefined ? { address, principal, credential } : { address, principal, credential, model: model.name };
  }

  /** Takes hold of a version of a model, so that it finishes this request whatever becomes of its file. */
  hold(model: ServedModel): ServedModel {
    model.hold();
    this.model = model;
    return model;
  }

  /** Has something done when the request is over, however it ends. */
  atEnd(act: () => void): void {
    this.#endings.push(act);
  }

  /** Lets go of what the request held. */
  close(): void {
    this.model?.drop();
    for (const act of this.#endings) act();
  }

  /** Aborts when the client hangs up. */
  get gone(): AbortSignal {
    return this.#connection.gone.signal;
  }

  /**
   * Lets a fault of the connection that is noticed elsewhere (a malformed chunk, a body that trickles) end a read with that fault,
   * instead of the bare "aborted" that the stream would report.
   */
  onFault(fail: (error: ModelkeepError) => void): void {
    this.#fail = fail;
    if (this.#fault !== undefined) fail(this.#fault);
  }

  /** The rest of this request will never arrive: a read in progress, or one that is yet to begin, ends with `error`. */
  fail(error: ModelkeepError): void {
    this.isLast = true;
    this.#fault ??= error;
    this.#fail?.(error);
  }
}

/** What the exchanges on one connection share. One signal for all of them: a client hangs up on all at once. */
interface Connection {
  exchange: Exchange | undefined;
  readonly gone: AbortController;
}

const connections = new WeakMap<Socket, Connection>();

function connectionOf(socket: Socket): Connection {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const connection: Connection = { exchange: undefined, gone: new AbortController() };
  connections.set(socket, connection);
  socket.once("close", () => connection.gone.abort());
  if (socket.destroyed) connection.gone.abort();
  return connection;
}

/** The latest exchange on a connection. */
export function exchangeOn(socket: Socket): Exchange | undefined {
  return connections.get(socket)?.exchange;
}
