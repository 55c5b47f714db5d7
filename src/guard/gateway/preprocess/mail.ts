/** Raw mails as a model of mails takes them: read as a person sees them, in a thread of their own, and written as vectors. */

import { performance } from "node:perf_hooks";
import { resolve } from "node:path";
import { ModelkeepError } from "../../../base/error/index.ts";
import { mailVector, mailVectorSize, openMailReader } from "../../../lab/defend/index.node.ts";
import { tensorOf } from "../../../model/onnx/index.ts";
import type { TensorSpec } from "../../../model/onnx/index.ts";
import type {} from "../models/errors.ts";
import type { GuardedContract } from "../read/guarded-contract.ts";
import type { PreprocessConfig } from "./config.ts";
import type { Preprocess } from "./preprocess.ts";

/** The input that clients send: BYTES, one mail a row. */
const input = "mail";

/**
 * A mail is its bytes as UTF-8; one that holds other bytes is sent in base64, which a mail never looks like: its first line has a colon.
 */
export function rawMail(text: string): Uint8Array {
  const bare = text.trim();
  return bare !== "" && /^[A-Za-z0-9+/\s]+={0,2}$/.test(bare) ? Buffer.from(bare, "base64") : Buffer.from(text, "utf8");
}

/** @throws models/bad-preprocess, and what opening the reader throws */
export async function openMailPreprocess(
  { pictures, models, timeoutMs, maxMails, maxBytes, maxPictures, maxPixels }: PreprocessConfig,
  contract: GuardedContract,
  baseDir: string,
): Promise<Preprocess> {
  const taken = vectorInput(contract);
  const folder = models === undefined ? undefined : resolve(baseDir, models);
  const reader = await openMailReader({ pictures, models: folder, limits: { maxBytes, maxPictures, maxPixels } });
  const asked: TensorSpec = { name: input, type: "string", dims: [taken.dims[0]!] };
  return {
    contract: { ...contract, inputs: [asked], maxBatch: Math.min(contract.maxBatch, maxMails) },
    async prepare(inputs, leftMs, spent) {
      const startMs = performance.now();
      const mails = inputs[input]!.strings ?? [];
      const vectors = new Float32Array(mails.length * mailVectorSize);
      const counts = { pictures: 0, unread: 0 };
      try {
        for (const [row, text] of mails.entries()) {
          const patience = Math.min(timeoutMs, startMs + leftMs - performance.now());
          const seen = await reader.read(rawMail(text), Math.max(patience, 1));
          vectors.set(mailVector(seen), row * mailVectorSize);
          counts.pictures += seen.pictures.length;
          counts.unread += seen.unread.length;
        }
      } catch (error) {
        spent(performance.now() - startMs);
        throw error;
      }
      const tensor = tensorOf("float32", [mails.length, mailVectorSize], vectors);
      return { inputs: { [taken.name]: tensor }, ms: performance.now() - startMs, detail: { kind: "mail", ...counts } };
    },
    close: () => reader.close(),
  };
}

/** The one input of a model that takes what {@link mailVector} makes. */
function vectorInput({ inputs, batch }: GuardedContract): TensorSpec {
  const [only] = inputs;
  if (inputs.length === 1 && only!.type === "float32" && batch === "dynamic" && only!.dims.length === 2) {
    if (only!.dims[1] === mailVectorSize) return only!;
  }
  throw new ModelkeepError("models/bad-preprocess", {
    message: `\`preprocess: mail\` makes FP32 [N,${mailVectorSize}], and the model does not take that as its one input`,
    hint: "serve a model that was trained on `mailVector` of modelkeep/defend, as examples/spam is; or leave `preprocess` out",
    exit: 4,
  });
}
