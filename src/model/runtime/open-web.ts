import { checkExternalData } from "./external.ts";
import { createHeldState } from "./held-state.ts";
import { inTurn } from "./in-turn.ts";
import { notInstalled, openOrt } from "./ort.ts";
import type { OrtModule } from "./ort.ts";
import { residentOver } from "./resident.ts";
import type { Resident } from "./resident.ts";
import type { Session, SessionOptions } from "./session.ts";

/** What opening a session in a browser can say beyond {@link SessionOptions}. */
export interface WebSessionOptions extends SessionOptions {
  /** Where ONNX Runtime's `.wasm` and `.mjs` files are served from; beside its own script by default. */
  readonly assets?: string;
}

interface OrtWeb extends OrtModule {
  readonly env: { logLevel?: string; readonly wasm: { numThreads?: number; wasmPaths?: unknown } };
}

/**
 * Opens a model with `onnxruntime-web`. It runs on the calling thread, so a page that must stay alive opens it in a Web Worker. The
 * number of threads is the page's, not the session's: the first session decides, and more than one need a cross-origin isolated page.
 * @example
 * const session = await openSession(new Uint8Array(await (await fetch("model.onnx")).arrayBuffer()));
 * const { logits } = await session.run({ input });
 * @throws runtime/load-refused, runtime/load-limit, runtime/external-data, runtime/no-provider, runtime/not-installed, runtime/unsupported-type
 */
export async function openSession(bytes: Uint8Array, options: WebSessionOptions = {}): Promise<Session> {
  checkExternalData(bytes, options.externalData);
  return inTurn(await openOrt(await prepareOrtWeb(options), bytes, options));
}

/**
 * A place for state and models on the calling thread: see {@link Resident}, and {@link openSession} about threads.
 * @throws what {@link openSession} throws when a model is loaded
 */
export async function openResident(options: Omit<WebSessionOptions, "externalData"> = {}): Promise<Resident> {
  const ort = await prepareOrtWeb(options);
  const held = createHeldState();
  return residentOver({
    async load(bytes, wiring) {
      checkExternalData(bytes, undefined);
      return held.add(await openOrt(ort, bytes, options), wiring);
    },
    run: held.run,
    write: async (tensors) =>
      held.write(tensors.map((tensor) => Object.assign({}, tensor, { data: new Uint8Array(tensor.data) }))),
    read: async (names) => held.read(names),
    close: held.close,
  });
}

async function prepareOrtWeb(options: WebSessionOptions): Promise<OrtWeb> {
  const ort = await loadOrtWeb(options.providers?.some((name) => name !== "cpu") === true);
  ort.env.logLevel = "fatal";
  ort.env.wasm.numThreads ||= options.threads ?? 1;
  if (options.assets !== undefined) ort.env.wasm.wasmPaths = options.assets;
  return ort;
}

/** The build for the CPU alone is half the size of the one that also knows WebGPU and WebNN. */
async function loadOrtWeb(accelerated: boolean): Promise<OrtWeb> {
  try {
    const loaded = accelerated ? await import("onnxruntime-web/webgpu") : await import("onnxruntime-web/wasm");
    return loaded as unknown as OrtWeb;
  } catch (cause) {
    throw notInstalled("onnxruntime-web", "this page", cause);
  }
}
