/** The embedded PostgreSQL on the thread that calls. */

import { ModelkeepError } from "../error/index.ts";
import type {} from "./errors.ts";

/** As much of PGlite as the house needs. */
export interface Lite {
  query(text: string, parameters: readonly unknown[]): Promise<LiteResult>;
  /** The data folder as a tar.gz. */
  dump(): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface LiteResult {
  readonly rows: readonly unknown[];
  readonly affectedRows?: number | undefined;
}

export interface LiteOptions {
  /** Undefined keeps everything in memory. */
  readonly dataDir: string | undefined;
  /** A tar.gz that a new data folder is unpacked from. */
  readonly empty: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * PostgreSQL's own default of 128 MB is touched whole at start, which takes longer than all the rest of it. What does not fit is read
 * again from files that the system caches anyway.
 */
const sharedBuffers = "16MB";

/**
 * @throws `store/missing-driver`
 */
export async function openLite({ dataDir, empty }: LiteOptions): Promise<Lite> {
  const { PGlite } = await import("@electric-sql/pglite").catch((cause: unknown) => {
    throw new ModelkeepError("store/missing-driver", {
      message: "the embedded database is not installed",
      hint: "npm install @electric-sql/pglite, or set `store.url` to a PostgreSQL",
      cause,
    });
  });
  const lite = await PGlite.create({
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(empty === undefined ? {} : { loadDataDir: new Blob([empty]) }),
    parsers: { 20: Number },
    startParams: [...PGlite.defaultStartParams, "-c", `shared_buffers=${sharedBuffers}`],
  });
  return {
    query: (text, parameters) => lite.query(text, [...parameters]),
    dump: async () => new Uint8Array(await (await lite.dumpDataDir("gzip")).arrayBuffer()),
    close: () => lite.close(),
  };
}
