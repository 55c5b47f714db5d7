// Starts in a worker thread: reads one table, block by block, no further ahead than it is told.
import { parentPort, workerData } from "node:worker_threads";
import { toModelkeepError } from "../../../base/error/index.ts";
import { arrowTable } from "../arrow/arrow.ts";
import { openRandomSource } from "../file.node.ts";
import { parquetTable } from "../parquet/parquet.ts";
import type { FromWorker, TableJob, ToWorker } from "./messages.ts";

const port = parentPort!;
const { path, format, columns } = workerData as TableJob;
let credit = 0;
let wake: (() => void) | undefined;

port.on("message", ({ more }: ToWorker) => {
  credit += more;
  wake?.();
});

async function serve(): Promise<void> {
  const source = await openRandomSource(path);
  try {
    const table = format === "parquet" ? parquetTable(source) : arrowTable(source);
    if (columns === undefined) return answer({ kind: "columns", columns: await table.columns() });
    for await (const rows of table.rows(columns)) {
      await granted();
      answer({ kind: "rows", rows });
    }
    answer({ kind: "end" });
  } finally {
    await source.close();
  }
}

/** Takes one block off what may be sent, once there is one. */
async function granted(): Promise<void> {
  if (credit === 0) await new Promise<void>((resolve) => void (wake = resolve));
  credit--;
}

const answer = (message: FromWorker): void => port.postMessage(message);

serve()
  .catch((cause: unknown) => {
    const { code, message, hint, status, exit } = toModelkeepError(cause);
    answer({ kind: "failed", code, message, hint, status, exit });
  })
  .finally(() => port.close());
