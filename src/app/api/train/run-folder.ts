/** `runs/<id>/`: what a training was asked, where it stands, what came of it. */
import { join } from "node:path";
import { isModelkeepError, ModelkeepError, quote } from "../../../base/error/index.ts";
import { lineChart, standalone } from "../../../base/plot/index.ts";
import { createFolderDisk, replaceFile } from "../../../base/port/index.node.ts";
import type { Disk } from "../../../base/port/index.ts";
import { readCheckpoint, writeCheckpoint } from "../../../model/train/index.node.ts";
import type { Checkpoint, EpochRecord } from "../../../model/train/index.node.ts";
import { newRun } from "../new-run.ts";

/** A run's folder. */
export interface RunFolder {
  readonly path: string;
  /** @throws `train/disk` while the checkpoint before stays whole */
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /** @throws `train/bad-checkpoint` */
  checkpoint(): Promise<Checkpoint | undefined>;
  write(name: "manifest.json" | "result.json", value: unknown): Promise<void>;
  curves(history: readonly EpochRecord[]): Promise<void>;
  /** @throws `train/bad-run` */
  manifest(): Promise<unknown>;
}

/** A new folder for a training below `runs`. */
export const createRun = async (runs: string, nowMs: number): Promise<RunFolder> => runAt(await newRun(runs, nowMs));

/** A run's folder that is there. */
export function runAt(path: string, disk: Disk = createFolderDisk(path)): RunFolder {
  const replace = (name: string, bytes: Uint8Array): Promise<void> => replaceFile(disk, name, bytes, `${name}.part`);
  const writeText = (name: string, text: string): Promise<void> => replace(name, new TextEncoder().encode(text));
  return {
    path,
    async saveCheckpoint(checkpoint) {
      const bytes = await writeCheckpoint(checkpoint);
      try {
        await replace("checkpoint.npz", bytes);
      } catch (cause) {
        await disk.remove("checkpoint.npz.part").catch(() => {});
        throw noRoom(path, bytes.length, cause);
      }
    },
    async checkpoint() {
      const bytes = await disk.read("checkpoint.npz");
      return bytes === undefined ? undefined : readCheckpoint(bytes, join(path, "checkpoint.npz"));
    },
    write: (name, value) => writeText(name, `${JSON.stringify(value, null, 2)}\n`),
    curves: (history) => (history.length === 0 ? Promise.resolve() : writeText("curves.svg", curvesOf(history))),
    async manifest() {
      const bytes = await disk.read("manifest.json");
      try {
        if (bytes !== undefined) return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
      } catch {
        // Falls through: what cannot be read is no manifest.
      }
      throw badRun(path);
    },
  };
}

const noRoom = (path: string, sizeBytes: number, cause: unknown): ModelkeepError => {
  const code = isModelkeepError(cause) ? cause.code : ((cause as NodeJS.ErrnoException).code ?? "unknown");
  return new ModelkeepError("train/disk", {
    message: `a checkpoint of ${sizeBytes} bytes cannot be written below ${quote(path, 160)}: ${code}`,
    hint: `make room, then go on from the last whole checkpoint: modelkeep train --resume ${path}`,
    exit: 2,
    cause,
  });
};

/** The error for a folder that holds no run. */
export const badRun = (path: string): ModelkeepError =>
  new ModelkeepError("train/bad-run", {
    message: `${quote(path, 160)} holds no run of training`,
    hint: "give the folder below runs/ that `modelkeep train` named",
    exit: 4,
    status: 400,
  });

function curvesOf(history: readonly EpochRecord[]): string {
  const series = new Map<string, { x: number; y: number }[]>([["loss", []]]);
  for (const { epoch, loss, validation = {} } of history) {
    const put = (name: string, y: number): void => {
      if (!Number.isFinite(y)) return;
      if (!series.has(name)) series.set(name, []);
      series.get(name)!.push({ x: epoch + 1, y });
    };
    put("loss", loss);
    for (const name of ["loss", "accuracy", "r2"])
      if (validation[name] !== undefined) put(`validation ${name}`, validation[name]);
  }
  const chart = lineChart({
    title: "training",
    x: { label: "epoch" },
    y: { min: 0 },
    series: [...series].map(([label, points]) => ({ label, points })),
  });
  return `${standalone(chart)}\n`;
}
