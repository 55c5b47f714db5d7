/**
 * Reads a log back from disk after any end: a clean one, a killed process, a cut of the power. Reading changes nothing; what has
 * to be put right is returned as repairs, which the journal runs before its first frame. Doing them twice does no harm.
 */

import { digestOf, equalBytes, nativeSha256, nativeVerify } from "../../base/crypto/index.node.ts";
import { ModelkeepError, quote } from "../../base/error/index.ts";
import type { Evidence } from "../../base/evidence/index.ts";
import { ensureFolder, replaceFile } from "../../base/port/index.ts";
import type { Disk } from "../../base/port/index.ts";
import {
  createTileTree,
  leafHash,
  parseBundle,
  parseCheckpoint,
  partialTiles,
  tilePath,
  verifyNote,
} from "../../base/tlog/index.ts";
import type { Frontier, HashTile, NoteSigner } from "../../base/tlog/index.ts";
import type {} from "./errors.ts";
import { hasSignedFrame, parseFrame, verifyFrameNote } from "./frame.ts";
import type { Committed } from "./group-commit.ts";
import type { Integrated } from "./integrate.ts";
import { cutFile } from "./journal.ts";
import { parseJournalName, parseSetAsideName, paths, setAsideName } from "./paths.ts";

export interface Recovered {
  readonly integrated: Integrated;
  /** Frames that are durable in journals but not yet in tiles. */
  readonly pending: readonly Pick<Committed, "first" | "entries" | "leaves" | "root">[];
  readonly frontier: Frontier;
  readonly repairs: readonly (() => Promise<void>)[];
  /** What the log must say about this before anything else. */
  readonly owed: readonly Evidence[];
}

/**
 * @throws `audit/wrong-key` when another key signed the log
 * @throws `audit/damaged` when entries that were durable are gone or changed
 */
export async function recoverLog(disk: Disk, signer: NoteSigner, checkpoint: string): Promise<Recovered> {
  const integrated = await readIntegrated(disk, signer, checkpoint);
  const frontier = createTileTree(nativeSha256, integrated).frontier();
  const pending: Recovered["pending"][number][] = [];
  const torn: Torn[] = [];
  for (const { name } of await disk.list(paths.journals)) {
    const first = parseJournalName(name);
    if (first === undefined) throw damaged(`the journal folder holds a file that is no journal: ${quote(name)}`);
    // A journal that lies behind a torn one was begun after the torn one was repaired, so it cannot exist.
    if (torn.length > 0) throw damaged(`journal ${quote(name)} follows a journal with a torn end`);
    const end = await readJournal({ disk, signer, frontier, pending }, name, first);
    if (end !== undefined) torn.push(end);
  }
  return { integrated, pending, frontier, ...(await setAside(disk, frontier.size, torn)) };
}

/** Reads the right edge and checks it against the checkpoint's root. */
async function readIntegrated(disk: Disk, signer: NoteSigner, checkpoint: string): Promise<Integrated> {
  const verdict = verifyNote(checkpoint, [signer], nativeVerify);
  if (!verdict.ok) {
    throw new ModelkeepError("audit/wrong-key", {
      message: `the checkpoint on disk does not verify under the key ${quote(signer.name)}: ${verdict.reason}`,
      hint: "restore the key that signed this log, or start a new log in another state folder",
    });
  }
  const { origin, size, root } = parseCheckpoint(verdict.text);
  if (origin !== signer.name) throw damaged(`the checkpoint names the origin ${quote(origin)}, the key ${quote(signer.name)}`);
  const edge: HashTile[] = [];
  let bundle: Uint8Array[] = [];
  for (const tile of partialTiles(size)) {
    const path = `${paths.log}/${tilePath(tile)}`;
    const bytes = await disk.read(path);
    if (bytes === undefined) throw damaged(`${path} is missing`);
    if (tile.level === "entries") bundle = parseBundle(bytes, tile.width);
    else if (bytes.length !== tile.width * 32) throw damaged(`${path} has ${bytes.length} bytes`);
    else edge.push({ level: tile.level, index: tile.index, bytes });
  }
  const found = createTileTree(nativeSha256, { size, edge }).frontier().root();
  if (!equalBytes(found, root)) throw damaged("the tiles at the right edge do not make the checkpoint's root");
  const leaves = edge.find(({ level }) => level === 0)?.bytes;
  bundle.forEach((entry, i) => {
    const leaf = leafHash(entry, nativeSha256);
    if (!equalBytes(leaf, leaves!.subarray(i * 32, i * 32 + 32)))
      throw damaged(`entry ${size - bundle.length + i} is not what its hash says`);
  });
  return { size, edge, bundle, checkpoint };
}

interface Torn {
  readonly path: string;
  /** Bytes before the torn end. */
  readonly goodBytes: number;
  readonly tail: Uint8Array;
}

interface Reading {
  readonly disk: Disk;
  readonly signer: NoteSigner;
  /** Grows by each frame read. */
  readonly frontier: Frontier;
  readonly pending: Recovered["pending"][number][];
}

async function readJournal(reading: Reading, name: string, first: number): Promise<Torn | undefined> {
  const { disk, signer, frontier } = reading;
  const path = `${paths.journals}/${name}`;
  const bytes = (await disk.read(path)) ?? new Uint8Array();
  // Everything before `first` is in tiles or earlier journals; a gap would be a lost journal.
  if (first > frontier.size)
    throw damaged(`entries ${frontier.size} to ${first - 1} are missing: journal ${quote(name)} starts behind them`);
  let next = first;
  let at = 0;
  while (at < bytes.length) {
    const frame = parseFrame(bytes, at);
    if (frame === undefined) break;
    const end = next + frame.entries.length;
    const covered = end <= frontier.size; // in tiles already: a crash came before this journal was removed
    if (!covered && !extend(reading, next, frame)) break;
    next = end;
    at = frame.end;
  }
  if (at === bytes.length) return undefined;
  // Frames are synced one by one, so only the last can be torn by a crash: a signed one behind it means damage.
  if (hasSignedFrame(bytes, at + 1, [signer]))
    throw damaged(`journal ${quote(name)} is broken at byte ${at} and goes on behind it`);
  return { path, goodBytes: at, tail: bytes.subarray(at) };
}

/** Takes a frame in when it continues the tree and its signature covers the result. */
function extend(
  { signer, frontier, pending }: Reading,
  first: number,
  frame: { entries: readonly Uint8Array[]; note: Uint8Array },
): boolean {
  const head = verifyFrameNote(frame.note, [signer]);
  if (head === undefined || head.origin !== signer.name || first !== frontier.size) return false;
  const leaves = frame.entries.map((entry) => leafHash(entry, nativeSha256));
  const grown = frontier.fork();
  for (const leaf of leaves) grown.append(leaf);
  if (grown.size !== head.size || !equalBytes(grown.root(), head.root)) return false;
  for (const leaf of leaves) frontier.append(leaf);
  // Views would keep the whole journal in memory.
  pending.push({ first, entries: frame.entries.map((entry) => entry.slice()), leaves, root: head.root });
  return true;
}

/** Keeps torn ends as files of their own and owes the log an entry about them: entry number `size`. */
async function setAside(disk: Disk, size: number, torn: readonly Torn[]): Promise<Pick<Recovered, "repairs" | "owed">> {
  const repairs: (() => Promise<void>)[] = [];
  const files: { name: string; sizeBytes: number; digest: string }[] = [];
  let count = 0;
  for (const { name } of await disk.list(paths.setAside)) {
    if (parseSetAsideName(name)?.size !== size) continue;
    const bytes = (await disk.read(`${paths.setAside}/${name}`)) ?? new Uint8Array();
    files.push({ name, sizeBytes: bytes.length, digest: digestOf(bytes, nativeSha256) });
    count++;
  }
  for (const { path, goodBytes, tail } of torn) {
    const digest = digestOf(tail, nativeSha256);
    if (!files.some((file) => file.digest === digest)) {
      const name = setAsideName(size, count++);
      files.push({ name, sizeBytes: tail.length, digest });
      repairs.push(async () => {
        await ensureFolder(disk, paths.setAside);
        await replaceFile(disk, `${paths.setAside}/${name}`, tail, `${paths.temporary}/torn`);
      });
    }
    repairs.push(() => cutFile(disk, path, goodBytes));
  }
  const evidence: Evidence = {
    kind: "log.tail-set-aside",
    outcome: "done",
    subject: { type: "log", id: paths.setAside },
    detail: { files },
  };
  return { repairs, owed: files.length > 0 ? [evidence] : [] };
}

function damaged(message: string): ModelkeepError {
  return new ModelkeepError("audit/damaged", {
    message,
    hint: "run `modelkeep audit verify`, then restore the log from its backup; nothing is written to it meanwhile",
  });
}
