import { ModelkeepError } from "../../base/error/index.ts";
import type {} from "./errors.ts";
import type { Frame } from "./frame.ts";
import type { Link, LinkEvents } from "./link.ts";
import { failure, parseInfo, unasked } from "./host-answers.ts";
import { sessionClosed } from "./refusals.ts";
import type { Wiring } from "./held-state.ts";
import type { OpenText, RunText } from "./serve-frames.ts";
import type { NamedTensor, SessionInfo, SessionOptions } from "./session.ts";
import { within } from "./within.ts";

/** A place outside the caller's thread where one model at a time is open. One question at a time. */
export interface Host {
  /**
   * Opens a model, in place of the one before.
   * @throws runtime/load-refused, runtime/load-limit, runtime/worker-lost, …
   */
  open(bytes: Uint8Array, options: HostOpenOptions): Promise<SessionInfo>;
  /** Whether the memory of a run's inputs changes hands: give it copies. */
  readonly takesMemory: boolean;
  /**
   * @throws runtime/run-failed, runtime/worker-lost, …
   */
  run(
    inputs: readonly NamedTensor[],
    options: HostRunOptions,
  ): Promise<{ readonly outputs: readonly NamedTensor[]; readonly ms: number }>;
  /** Puts tensors into the state that models opened with a wiring share. The memory changes hands, see {@link takesMemory}. */
  write(tensors: readonly NamedTensor[], timeoutMs: number): Promise<void>;
  /** Copies of that state; all of it without names. */
  read(names: readonly string[], timeoutMs: number): Promise<readonly NamedTensor[]>;
  /** Resolves with the reason when the host dies on its own; never after {@link close} or {@link kill}. */
  readonly lost: Promise<ModelkeepError>;
  /** True once the host is gone or going, for whatever reason. */
  readonly isLost: boolean;
  /** Facts the host told when it came up; empty for a thread. */
  readonly hello: Promise<string>;
  /** Memory of the host's own process now, and the most it ever had; undefined for a thread and where nobody can tell. */
  memoryBytes(): number | undefined;
  peakBytes(): number | undefined;
  /** Lets running work finish, gives the memory back, ends. Stops waiting after `patienceMs`. */
  close(patienceMs?: number): Promise<void>;
  /** Ends it now: see {@link Link.kill}. Resolves when it is gone. */
  kill(): Promise<void>;
}

export interface HostOpenOptions extends SessionOptions {
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  /** The model shares state with others of this host and does not take their place. */
  readonly wiring?: Wiring;
}

export interface HostRunOptions {
  /** Wanted outputs; empty for all. */
  readonly outputs: readonly string[];
  readonly timeoutMs: number;
  /** The number of a model that was opened with a wiring. */
  readonly graph?: number;
}

interface Question {
  readonly id: number;
  resolve(frame: Frame): void;
  reject(error: ModelkeepError): void;
}

/** How long a thread or process may take to come up. */
const startMs = 20_000;

/** A host over a link, which is started at once. */
export function createHost(start: (events: LinkEvents) => Link): Host {
  const { link, ask, die, end, death, lost, hello } = converse(start);
  return {
    lost,
    hello,
    takesMemory: link.takesMemory,
    get isLost() {
      return death() !== undefined;
    },
    memoryBytes: () => link.memoryBytes?.(),
    peakBytes: () => link.peakBytes?.(),
    async open(bytes, { timeoutMs, maxOutputBytes, externalData, ...rest }) {
      const files = [...(externalData ?? [])];
      const text: OpenText = { ...rest, maxOutputBytes, locations: files.map(([location]) => location) };
      const tensors = [bytes, ...files.map(([, data]) => data)].map(asTensor);
      const answer = await ask({ kind: "open", text: JSON.stringify(text), tensors }, "opened", timeoutMs + startMs);
      const info = parseInfo(answer.text);
      if (info) return info;
      die(unasked());
      throw unasked();
    },
    async run(inputs, { outputs, timeoutMs, graph }) {
      const asked: RunText = graph === undefined ? { outputs } : { outputs, graph };
      const text = outputs.length === 0 && graph === undefined ? "" : JSON.stringify(asked);
      const answer = await ask({ kind: "run", text, tensors: inputs }, "ran", timeoutMs);
      return { outputs: answer.tensors, ms: answer.ms };
    },
    async write(tensors, timeoutMs) {
      await ask({ kind: "write", text: "", tensors }, "ran", timeoutMs);
    },
    async read(names, timeoutMs) {
      return (await ask({ kind: "read", text: JSON.stringify(names), tensors: [] }, "ran", timeoutMs)).tensors;
    },
    async close(patienceMs = 5000) {
      if (!death()) {
        end(sessionClosed());
        link.send({ kind: "close", id: 0, ms: 0, text: "", tensors: [] });
      }
      await within(patienceMs, link.gone);
      link.kill();
    },
    kill() {
      end(sessionClosed());
      link.kill();
      return link.gone;
    },
  };
}

interface Conversation {
  readonly link: Link;
  readonly lost: Promise<ModelkeepError>;
  readonly hello: Promise<string>;
  ask(frame: Omit<Frame, "id" | "ms">, wanted: Frame["kind"], timeoutMs: number): Promise<Frame>;
  /** The other side is not to be trusted, or not there, any more. */
  die(error: ModelkeepError): void;
  /** No more questions. */
  end(error: ModelkeepError): void;
  /** Why there are no more questions. */
  death(): ModelkeepError | undefined;
}

/** One question, one answer, in turn; anything else ends it. */
function converse(start: (events: LinkEvents) => Link): Conversation {
  let asked: Question | undefined;
  let nextId = 1;
  let dead: ModelkeepError | undefined;
  let tellLost!: (error: ModelkeepError) => void;
  let tellHello!: (text: string) => void;
  const lost = new Promise<ModelkeepError>((resolve) => (tellLost = resolve));
  const hello = new Promise<string>((resolve) => (tellHello = resolve));
  const link = start({ frame: hear, lost: die });

  function hear(frame: Frame): void {
    if (frame.kind === "hello") return tellHello(frame.text);
    // A process that could not even start says why before it is asked.
    if (frame.kind === "failed" && frame.id === 0) return die(failure(frame.text));
    const question = asked;
    if (question === undefined || frame.id !== question.id) return die(unasked());
    asked = undefined;
    if (frame.kind === "failed") question.reject(failure(frame.text));
    else question.resolve(frame);
  }

  function die(error: ModelkeepError): void {
    if (dead) return;
    end(error);
    link.kill();
    tellLost(error);
  }

  function end(error: ModelkeepError): void {
    dead ??= error;
    asked?.reject(error);
    asked = undefined;
  }

  async function ask(frame: Omit<Frame, "id" | "ms">, wanted: Frame["kind"], timeoutMs: number): Promise<Frame> {
    if (dead) throw dead;
    const id = nextId++;
    const answered = new Promise<Frame>((resolve, reject) => (asked = { id, resolve, reject }));
    const timer = setTimeout(() => die(tookTooLong(frame.kind, timeoutMs)), timeoutMs);
    try {
      link.send({ ...frame, id, ms: 0 });
      const answer = await answered;
      if (answer.kind === wanted) return answer;
      die(unasked());
      throw unasked();
    } finally {
      clearTimeout(timer);
    }
  }

  return { link, ask, die, end, death: () => dead, lost, hello };
}

const asTensor = (data: Uint8Array): NamedTensor => ({ name: "", type: "uint8", dims: [data.byteLength], data });

const tookTooLong = (kind: Frame["kind"], ms: number): ModelkeepError =>
  kind === "open"
    ? new ModelkeepError("runtime/load-limit", {
        message: `the model was not loaded within ${ms} ms`,
        hint: "allow more time, or export a smaller model",
        status: 422,
      })
    : new ModelkeepError("runtime/run-limit", {
        message: `a run took longer than ${ms} ms and was stopped`,
        hint: "send fewer rows at once, or allow runs more time",
        status: 503,
      });
