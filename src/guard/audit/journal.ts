/** The journal on disk: frames appended one after another, each durable before the next begins. */

import type { Disk, DiskFile } from "../../base/port/index.ts";
import { journalName, paths } from "./paths.ts";

/**
 * Writes frames. After any failure the file's end is unknown, so before the next frame it is cut back to what was durable and a
 * new file is begun: a write that failed is never found half-done behind one that succeeded.
 */
export class Journal {
  readonly #disk: Disk;
  #file: { readonly path: string; readonly handle: DiskFile; durableBytes: number } | undefined;
  readonly #repairs: (() => Promise<void>)[];

  /** `repairs` is what recovery found to be done before the first frame. */
  constructor(disk: Disk, repairs: readonly (() => Promise<void>)[] = []) {
    this.#disk = disk;
    this.#repairs = [...repairs];
  }

  /** Settles when the frame is durable. When it throws, the frame will not be in the log. */
  async write(firstIndex: number, frame: Uint8Array): Promise<void> {
    for (let repair = this.#repairs[0]; repair !== undefined; repair = this.#repairs[0]) {
      await repair();
      this.#repairs.shift();
    }
    try {
      const fresh = this.#file === undefined;
      const file = (this.#file ??= await this.#begin(firstIndex));
      await file.handle.append(frame);
      if (fresh) await this.#disk.syncFolder(paths.journals);
      file.durableBytes += frame.length;
    } catch (error) {
      const broken = this.#file;
      this.#file = undefined;
      if (broken !== undefined)
        this.#repairs.push(
          () => this.#cutBack(broken.path, broken.durableBytes),
          () => broken.handle.close(),
        );
      throw error;
    }
  }

  /** Ends the current file; the next frame begins a new one. */
  async rotate(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }

  async #begin(firstIndex: number): Promise<{ path: string; handle: DiskFile; durableBytes: number }> {
    const path = `${paths.journals}/${journalName(firstIndex)}`;
    const handle = await this.#disk.open(path, { synced: true });
    return { path, handle, durableBytes: (await this.#disk.size(path)) ?? 0 };
  }

  async #cutBack(path: string, durableBytes: number): Promise<void> {
    await cutFile(this.#disk, path, durableBytes);
  }
}

/** Cuts a file to its first `sizeBytes`, durably. */
export async function cutFile(disk: Disk, path: string, sizeBytes: number): Promise<void> {
  const file = await disk.open(path);
  try {
    await file.truncate(sizeBytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
