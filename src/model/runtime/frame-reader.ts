import { decodeFrame, decodePrefix, prefixBytes } from "./frame.ts";
import type { Frame } from "./frame.ts";

/**
 * Frames out of a stream of chunks. Each byte is copied once, into memory made for its frame when the prefix has told the size.
 * @param maxDataBytes the largest data part that is taken
 */
export function createFrameReader(maxDataBytes: number): { push(chunk: Uint8Array): Frame[] } {
  let part: "prefix" | "head" | "data" = "prefix";
  let target = new Uint8Array(prefixBytes);
  let filled = 0;
  let dataBytes = 0;
  let head = new Uint8Array(0);

  const next = (to: typeof part, bytes: number): void => {
    part = to;
    target = new Uint8Array(bytes);
    filled = 0;
  };

  /** Called with `target` full; gives the frame that ends here, if one does. */
  function turn(): Frame | undefined {
    if (part === "prefix") {
      const sizes = decodePrefix(target, maxDataBytes);
      dataBytes = sizes.dataBytes;
      next("head", sizes.headBytes);
      return undefined;
    }
    if (part === "head") {
      head = target;
      next("data", dataBytes);
      return undefined;
    }
    const frame = decodeFrame(head, target);
    next("prefix", prefixBytes);
    return frame;
  }

  return {
    /** @throws runtime/bad-frame */
    push(chunk) {
      const frames: Frame[] = [];
      let at = 0;
      while (at < chunk.length || filled === target.length) {
        const count = Math.min(target.length - filled, chunk.length - at);
        target.set(chunk.subarray(at, at + count), filled);
        filled += count;
        at += count;
        if (filled < target.length) break;
        const frame = turn();
        if (frame) frames.push(frame);
      }
      return frames;
    },
  };
}
