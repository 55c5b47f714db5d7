// Imported only by code that runs inside a worker thread or a child process: run() blocks its thread (onnxruntime#19611).
import { notInstalled, openOrt } from "./ort.ts";
import type { OrtModule, OrtSession } from "./ort.ts";
import type { SessionOptions } from "./session.ts";

interface OrtNode extends OrtModule {
  readonly env: { logLevel?: string };
}

/**
 * The native package, loaded when first used.
 * @throws runtime/not-installed
 */
export async function loadOrtNode(): Promise<OrtNode> {
  try {
    const loaded = (await import("onnxruntime-node")) as unknown as OrtNode & { readonly default?: OrtNode };
    const ort = loaded.default ?? loaded;
    // Native lines on standard error would mix with ours; what matters comes back as an error.
    ort.env.logLevel = "fatal";
    return ort;
  } catch (cause) {
    throw notInstalled("onnxruntime-node", `${process.platform} ${process.arch}`, cause);
  }
}

/** Opens a model on this thread; see {@link openOrt}. */
export async function openOrtNode(bytes: Uint8Array, options: SessionOptions): Promise<OrtSession> {
  const { Tensor, InferenceSession } = await loadOrtNode();
  return openOrt({ Tensor, InferenceSession, writesInto: true }, bytes, options);
}
