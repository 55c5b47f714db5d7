// Imported only by code that runs inside a worker thread or a child process: run() blocks its thread (onnxruntime#19611).
import { ModelkeepError, quote } from "../../base/error/index.ts";
import type {} from "./errors.ts";
import { openOrt } from "./ort.ts";
import type { OrtModule, OrtSession } from "./ort.ts";
import type { SessionOptions } from "./session.ts";

interface OrtNode extends OrtModule {
  listSupportedBackends(): readonly { readonly name: string }[];
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
    throw new ModelkeepError("runtime/not-installed", {
      message: `onnxruntime-node cannot be loaded on ${process.platform} ${process.arch}`,
      hint: "npm install onnxruntime-node@1.30",
      status: 503,
      cause,
    });
  }
}

/**
 * Opens a model on this thread with the first wanted execution provider that is available.
 * @throws runtime/not-installed, runtime/no-provider, runtime/load-refused, runtime/load-limit, runtime/unsupported-type
 */
export async function openOrtNode(bytes: Uint8Array, options: SessionOptions): Promise<OrtSession> {
  const ort = await loadOrtNode();
  const wanted = options.providers ?? ["cpu"];
  const known = ort.listSupportedBackends().map((backend) => backend.name);
  const absent: string[] = [];
  for (const provider of wanted) {
    if (!known.includes(provider)) {
      absent.push(provider);
      continue;
    }
    try {
      return await openOrt(ort, bytes, { ...options, provider, absent });
    } catch (error) {
      // The same model either opens on the CPU, and then the provider is what failed, or fails there with the true reason.
      if (provider === "cpu") throw error;
      absent.push(provider);
    }
  }
  throw noProvider(wanted, known);
}

function noProvider(wanted: readonly string[], known: readonly string[]): ModelkeepError {
  return new ModelkeepError("runtime/no-provider", {
    message: `no execution provider of ${wanted.map((name) => quote(name)).join(", ")} is available here`,
    hint: `use cpu, or install the driver and libraries of one that this build can load: ${known.join(", ")}`,
    status: 503,
  });
}
