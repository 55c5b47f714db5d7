/** The inside of a worker thread or child process: answers frames with ONNX Runtime, one at a time. */
import { ModelkeepError, toModelkeepError } from "../../base/error/index.ts";
import type { ErrorCode } from "../../base/error/index.ts";
import type { Frame } from "./frame.ts";
import type { OrtSession } from "./ort.ts";
import { createHeldState } from "./held-state.ts";
import type { Wiring } from "./held-state.ts";
import type { NamedTensor, SessionOptions } from "./session.ts";

/** What an `open` frame's text holds; the model is its first tensor, data files follow under `externalData` names. */
export interface OpenText extends Omit<SessionOptions, "externalData"> {
  /** Locations of the external data, in the order of the tensors after the model. */
  readonly locations: readonly string[];
  /** The most bytes that the outputs of one run may have together. */
  readonly maxOutputBytes: number;
  /** Set for a model that shares its host's state with others, see `resident.ts`: it does not take the place of the one before. */
  readonly wiring?: Wiring;
}

/** What a `run` frame's text holds, unless it is empty: then all outputs of the one model are wanted. */
export interface RunText {
  readonly outputs: readonly string[];
  /** The number of a model that shares state, in the order in which they were opened. */
  readonly graph?: number;
}

/** What a `failed` frame's text holds. */
export interface FailedText {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly status: number;
}

export interface FrameServer {
  /** The answer to one frame. Never rejects: failures are `failed` frames. A `close` frame is answered when the memory is given back. */
  answer(frame: Frame): Promise<Frame>;
}

/**
 * @param open how a model is opened on this thread
 */
export function createFrameServer(open: (bytes: Uint8Array, options: SessionOptions) => Promise<OrtSession>): FrameServer {
  let session: OrtSession | undefined;
  let maxOutputBytes = 0;
  const held = createHeldState();

  async function openFrame(frame: Frame): Promise<Frame> {
    const { locations, maxOutputBytes: cap, wiring, ...options } = JSON.parse(frame.text) as OpenText;
    const [model, ...files] = frame.tensors;
    if (wiring === undefined) {
      await session?.close();
      session = undefined;
    }
    maxOutputBytes = cap;
    const started = performance.now();
    const opened = await open(model!.data, {
      ...options,
      ...(locations.length > 0 && { externalData: new Map(locations.map((location, i) => [location, files[i]!.data])) }),
    });
    const info = wiring === undefined ? opened.info : held.add(opened, wiring);
    if (wiring === undefined) session = opened;
    return reply(frame, "opened", { ms: performance.now() - started, text: JSON.stringify(info) });
  }

  async function runFrame(frame: Frame): Promise<Frame> {
    const { outputs, graph }: RunText = frame.text === "" ? { outputs: [] } : (JSON.parse(frame.text) as RunText);
    if (graph === undefined && !session) throw new Error("run before open");
    const started = performance.now();
    const tensors =
      graph === undefined ? await session!.run(frame.tensors, outputs) : await held.run(graph, frame.tensors, outputs);
    const ms = performance.now() - started;
    checkSize(tensors, maxOutputBytes);
    return reply(frame, "ran", { ms, tensors });
  }

  return {
    async answer(frame) {
      try {
        if (frame.kind === "open") return await openFrame(frame);
        if (frame.kind === "run") return await runFrame(frame);
        if (frame.kind === "read") return reply(frame, "ran", { tensors: held.read(JSON.parse(frame.text) as string[]) });
        if (frame.kind === "write") {
          held.write(frame.tensors);
          return reply(frame, "ran", {});
        }
        await held.close();
        await session?.close();
        session = undefined;
        return reply(frame, "close", {});
      } catch (error) {
        return failedFrame(frame.id, error);
      }
    },
  };
}

/** An error as a frame. Causes stay behind: they may hold anything. */
export function failedFrame(id: number, error: unknown): Frame {
  const { code, message, hint, status } = toModelkeepError(error);
  const text: FailedText = {
    code,
    message: code === "internal/unexpected" ? `${message}: ${String(error)}` : message,
    hint,
    status,
  };
  return { kind: "failed", id, ms: 0, text: JSON.stringify(text), tensors: [] };
}

const reply = (to: Frame, kind: Frame["kind"], rest: Partial<Frame>): Frame => ({
  kind,
  id: to.id,
  ms: 0,
  text: "",
  tensors: [],
  ...rest,
});

function checkSize(tensors: readonly NamedTensor[], maxBytes: number): void {
  let bytes = 0;
  for (const tensor of tensors) {
    bytes += tensor.data.byteLength;
    for (const text of tensor.strings ?? []) bytes += 4 + text.length;
  }
  if (bytes <= maxBytes) return;
  throw new ModelkeepError("runtime/output-too-large", {
    message: `the answer has ${bytes} bytes, at most ${maxBytes} may leave the model at once`,
    hint: "ask for fewer rows or fewer outputs",
    status: 400,
  });
}
