import type { ModelkeepError } from "../../base/error/index.ts";
import type { Frame } from "./frame.ts";

/** A two-way line to where a session lives. */
export interface Link {
  /** Whether the memory of what is sent changes hands: the sender must not touch it again. */
  readonly takesMemory: boolean;
  send(frame: Frame): void;
  /** Ends the other side at once where that is safe: a process is killed; a thread is left to finish what it runs, then ends. */
  kill(): void;
  /** Resolves when the other side is gone. */
  readonly gone: Promise<void>;
  /** Memory of the other side's process in bytes, where it has its own. */
  memoryBytes?(): number | undefined;
  /** The most memory it ever had, bytes. */
  peakBytes?(): number | undefined;
}

/** What a link reports. */
export interface LinkEvents {
  frame(frame: Frame): void;
  /** The other side died or lied; reported at most once, never after a wanted end. */
  lost(error: ModelkeepError): void;
}
