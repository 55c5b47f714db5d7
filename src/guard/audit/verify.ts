/**
 * Reads every file of a log and says whether each byte is what the log signed. Trusts nothing but the key: entries are hashed again,
 * tiles built again, and the root compared with the signed one. Streams: a million entries take no more memory than a thousand.
 */

import {
  digestOf,
  equalBytes,
  formatVerifierKey,
  nativeSha256,
  nativeSigningKey,
  nativeVerify,
  parseSignerKey,
  parseVerifierKey,
  toBase64,
} from "../../base/crypto/index.node.ts";
import type { VerifierKey } from "../../base/crypto/index.ts";
import { escapeText, isModelkeepError, quote } from "../../base/error/index.ts";
import type { Disk } from "../../base/port/index.ts";
import {
  createTileTree,
  hashBytes,
  leafHash,
  parseBundle,
  parseCheckpoint,
  partialTiles,
  tilePath,
  tileWidth,
  tileWidthAt,
  verifyNote,
} from "../../base/tlog/index.ts";
import type { Checkpoint, HashTile, Tile, TileTree } from "../../base/tlog/index.ts";
import { decodeEntry } from "./entry.ts";
import { parseFrame, verifyFrameNote } from "./frame.ts";
import { paths } from "./paths.ts";
import { parseCommitmentKey } from "./signer.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { Snapshot, TileFile } from "./snapshot.ts";

export interface VerifyOptions {
  /** The audit folder of the state, or a copy of the log folder in it alone; then a key must be given. */
  readonly disk: Disk;
  /** The log's verifier key, kept outside the machine; without it the one beside the log is believed. */
  readonly key?: string | undefined;
  /** A checkpoint of this log that was saved earlier, outside the machine. */
  readonly checkpoint?: string | Uint8Array | undefined;
  /** False for a log that nobody writes to: what looks half-written is then believed at once. */
  readonly patient?: boolean;
}

export interface LogVerdict {
  readonly ok: boolean;
  readonly origin: string;
  /** Entries that were verified, journals included. */
  readonly size: number;
  /** Root hash over all of them, base64. */
  readonly root: string;
  /** Index of the first entry that is missing or differs, or null when no entry is to blame. */
  readonly firstBad: number | null;
  readonly reasons: readonly string[];
  /** What nobody could tell from the files and what was given alone. */
  readonly cannotExclude: readonly string[];
}

/** More reasons help nobody. */
const maxReasons = 50;

/**
 * @example
 * const verdict = await verifyLog({ disk: createFolderDisk(".modelkeep/audit"), key, checkpoint: saved });
 * if (!verdict.ok) console.error(verdict.reasons);
 */
export async function verifyLog(given: VerifyOptions): Promise<LogVerdict> {
  const options = { ...given, disk: await auditFolderOf(given.disk) };
  const findings = new Findings();
  const key = await findKey(options, findings);
  const snapshot = await takeSnapshot(options.disk, options.patient ?? true);
  for (const path of snapshot.unknown) findings.add(`${quote(path)} is not a file of this log`);
  const checkpoint = key && openCheckpoint(snapshot.checkpoint, key, findings);
  const saved = key && options.checkpoint !== undefined ? openSaved(options.checkpoint, key, findings) : undefined;
  let reading: Reading | undefined;
  if (key !== undefined && checkpoint !== undefined) {
    reading = new Reading(options.disk, snapshot, { key, checkpoint, saved }, findings);
    await reading.readAll();
  }
  return {
    ok: findings.reasons.length === 0,
    origin: escapeText(checkpoint?.origin ?? ""),
    size: reading?.size ?? 0,
    root: reading?.root ?? "",
    firstBad: findings.firstBad,
    reasons: findings.reasons,
    cannotExclude: cannotExclude(options, saved),
  };
}

/** A copy of the log alone, seen as the audit folder that it lay in. */
async function auditFolderOf(disk: Disk): Promise<Disk> {
  if ((await disk.read(paths.checkpoint)) !== undefined || (await disk.read("checkpoint")) === undefined) return disk;
  const within = (path: string) => (path === paths.log ? "" : path.slice(paths.log.length + 1));
  const inLog = (path: string) => path === paths.log || path.startsWith(`${paths.log}/`);
  return {
    ...disk,
    read: async (path) => (inLog(path) ? disk.read(within(path)) : undefined),
    list: async (folder) => (inLog(folder) ? disk.list(within(folder)) : []),
  };
}

class Findings {
  readonly reasons: string[] = [];
  readonly #doubts: { readonly entry: number; readonly span: number }[] = [];

  /** `entry` is the first of `span` entries that this makes doubtful. */
  add(reason: string, entry?: number, span = 1): void {
    if (this.reasons.length < maxReasons) this.reasons.push(reason);
    else if (this.reasons.length === maxReasons) this.reasons.push("and more");
    if (entry !== undefined && this.#doubts.length < 10_000) this.#doubts.push({ entry, span });
  }

  /** The first doubtful entry; of a doubt over many entries, the one inside that a narrower doubt names. */
  get firstBad(): number | null {
    let first: number | null = null;
    for (const { entry, span } of this.#doubts) {
      const narrower = this.#doubts.some((other) => other.span < span && other.entry >= entry && other.entry < entry + span);
      if (!narrower && (first === null || entry < first)) first = entry;
    }
    return first;
  }
}

/** The key to verify by; the key files beside the log are files that it wrote, so they are looked at too. */
async function findKey({ disk, key: given }: VerifyOptions, findings: Findings): Promise<VerifierKey | undefined> {
  const parse = <T>(what: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!isModelkeepError(error)) throw error;
      findings.add(`${what}: ${error.message}`);
      return undefined;
    }
  };
  const textOf = async (path: string) => {
    const bytes = await disk.read(path);
    return bytes && Buffer.from(bytes).toString("utf8");
  };
  const lineOf = (text: string) => (text.endsWith("\n") ? text.slice(0, -1) : `${text}\u0000`);
  const publicText = await textOf(paths.verifierKey);
  const local = publicText === undefined ? undefined : parse(paths.verifierKey, () => parseVerifierKey(lineOf(publicText)));
  const key = given === undefined ? local : parse("the given key", () => parseVerifierKey(given.trim()));
  if (given === undefined && publicText === undefined) findings.add(`no key was given and ${paths.verifierKey} is missing`);
  const secretText = await textOf(paths.signingKey);
  if (secretText !== undefined) {
    const signer = parse(paths.signingKey, () => parseSignerKey(lineOf(secretText), nativeSigningKey));
    const same = signer && local && signer.name === local.name && equalBytes(signer.key.publicKey, local.publicKey);
    if (signer && local && !same) findings.add(`${paths.signingKey} and ${paths.verifierKey} are not one pair`);
  }
  const commitments = await textOf(paths.commitmentKey);
  if (commitments !== undefined) parse(paths.commitmentKey, () => parseCommitmentKey(lineOf(commitments)));
  return key;
}

function openCheckpoint(bytes: Uint8Array | undefined, key: VerifierKey, findings: Findings): Checkpoint | undefined {
  if (bytes === undefined) {
    findings.add("the checkpoint is missing");
    return undefined;
  }
  return openSigned("the checkpoint", bytes, key, findings);
}

function openSaved(bytes: Uint8Array | string, key: VerifierKey, findings: Findings): Checkpoint | undefined {
  return openSigned("the saved checkpoint", bytes, key, findings);
}

function openSigned(what: string, note: Uint8Array | string, key: VerifierKey, findings: Findings): Checkpoint | undefined {
  const verdict = verifyNote(note, [key], nativeVerify);
  if (!verdict.ok) {
    findings.add(`${what} does not verify under ${quote(formatVerifierKey(key), 200)}: ${verdict.reason}`);
    return undefined;
  }
  try {
    const checkpoint = parseCheckpoint(verdict.text);
    if (checkpoint.origin === key.name) return checkpoint;
    findings.add(`${what} is of the log ${quote(checkpoint.origin)}, the key of ${quote(key.name)}`);
  } catch (error) {
    if (!isModelkeepError(error)) throw error;
    findings.add(`${what}: ${error.message}`);
  }
  return undefined;
}

interface Trusted {
  readonly key: VerifierKey;
  readonly checkpoint: Checkpoint;
  readonly saved: Checkpoint | undefined;
}

/** One pass over the entries, in order, building the tree again. */
class Reading {
  readonly #disk: Disk;
  readonly #snapshot: Snapshot;
  readonly #trusted: Trusted;
  readonly #findings: Findings;
  readonly #tree: TileTree = createTileTree(nativeSha256);
  readonly #edge = new Map<string, TileFile[]>();
  /** What leftover journals say about entries that are in tiles already. */
  readonly #leftover = new Map<number, Uint8Array>();
  /** Entries that must explain set-aside files. */
  readonly #explanations = new Map<number, string>();
  /** The entries of the bundle that is being read. */
  #bundle: Uint8Array[] = [];

  constructor(disk: Disk, snapshot: Snapshot, trusted: Trusted, findings: Findings) {
    this.#disk = disk;
    this.#snapshot = snapshot;
    this.#trusted = trusted;
    this.#findings = findings;
    for (const file of snapshot.edge) {
      const at = `${file.tile.level}/${file.tile.index}`;
      this.#edge.set(at, [...(this.#edge.get(at) ?? []), file]);
    }
    for (const { size } of snapshot.setAside) this.#explanations.set(size, "");
  }

  get size(): number {
    return this.#tree.size;
  }

  get root(): string {
    return toBase64(this.#tree.frontier().root());
  }

  async readAll(): Promise<void> {
    const { checkpoint } = this.#trusted;
    const frames = this.#readJournals();
    this.#checkPromised();
    this.#checkSaved();
    for (let index = 0; index * tileWidth < checkpoint.size; index++) {
      if (!(await this.#readBundle(index))) return; // without these entries nothing behind them can be checked
    }
    if (!equalBytes(this.#tree.frontier().root(), checkpoint.root)) {
      this.#findings.add(`the ${checkpoint.size} entries do not make the root that the checkpoint signs`);
    }
    for (const frame of frames) this.#readFrame(frame);
    this.#finishEdge();
    this.#checkSetAside();
    const { saved } = this.#trusted;
    if (saved !== undefined && saved.size > this.size) {
      this.#findings.add(
        `the log has ${this.size} entries, the saved checkpoint ${saved.size}: entries were removed from its end`,
        this.size,
      );
    }
  }

  /** Entries in journals that go on behind the checkpoint; those before it are only remembered. */
  #readJournals(): JournalFrame[] {
    const behind: JournalFrame[] = [];
    for (const { name, first, bytes } of this.#snapshot.journals) {
      let next = first;
      let at = 0;
      for (let frame = parseFrame(bytes, at); frame !== undefined; frame = parseFrame(bytes, at)) {
        const entries = frame.entries;
        if (next >= this.#trusted.checkpoint.size) behind.push({ name, first: next, entries, note: frame.note });
        else this.#rememberLeftover({ name, first: next, entries, note: frame.note });
        next += entries.length;
        at = frame.end;
      }
      if (at < bytes.length) {
        const reason = `journal ${quote(name)} ends in a broken frame at byte ${at} of ${bytes.length}`;
        this.#findings.add(`${reason}: a crash leaves this, and the next start sets it aside; otherwise it was changed`, next);
      }
    }
    return behind;
  }

  #rememberLeftover(frame: JournalFrame): void {
    frame.entries.forEach((entry, i) => this.#leftover.set(frame.first + i, leafHash(entry, nativeSha256)));
    const head = verifyFrameNote(frame.note, [this.#trusted.key]);
    const expected = head?.origin === this.#trusted.key.name && head.size === frame.first + frame.entries.length;
    if (!expected) this.#findings.add(`a frame of journal ${quote(frame.name)} is not signed as it stands`, frame.first);
  }

  async #readBundle(index: number): Promise<boolean> {
    const width = tileWidthAt("entries", index, this.#trusted.checkpoint.size);
    const first = index * tileWidth;
    const path = tilePath({ level: "entries", index, width });
    const bytes = await this.#expectedTile({ level: "entries", index, width });
    if (bytes === undefined) {
      this.#findings.add(`${path} is missing: entries ${first} to ${first + width - 1}`, first);
      return false;
    }
    try {
      for (const entry of parseBundle(bytes, width)) await this.#take(entry);
      return true;
    } catch (error) {
      if (!isModelkeepError(error)) throw error;
      this.#findings.add(`${path}: ${error.message}`, first);
      return false;
    }
  }

  #readFrame(frame: JournalFrame): void {
    if (frame.first !== this.size) {
      this.#findings.add(
        `journal ${quote(frame.name)} goes on at entry ${frame.first}, but ${this.size} was next`,
        Math.min(frame.first, this.size),
      );
      return;
    }
    for (const entry of frame.entries) this.#takeNow(entry);
    const head = verifyFrameNote(frame.note, [this.#trusted.key]);
    const signed =
      head?.origin === this.#trusted.key.name && head.size === this.size && equalBytes(head.root, this.#tree.frontier().root());
    if (!signed)
      this.#findings.add(
        `entries ${frame.first} to ${this.size - 1} in journal ${quote(frame.name)} are not signed as they stand`,
        frame.first,
      );
  }

  async #take(entry: Uint8Array): Promise<void> {
    const full = this.#grow(entry);
    for (const tile of full) await this.#checkTile(tile);
  }

  /** As {@link Reading.#take}, for entries behind the checkpoint: what tiles they fill were not promised yet, so they need not be there. */
  #takeNow(entry: Uint8Array): void {
    for (const tile of this.#grow(entry)) this.#checkEdge(tile.level, tile.index, tile.bytes);
  }

  #grow(entry: Uint8Array): HashTile[] {
    const index = this.#tree.size;
    const leaf = leafHash(entry, nativeSha256);
    const full = this.#tree.append(leaf);
    const said = this.#leftover.get(index);
    if (said !== undefined && !equalBytes(said, leaf))
      this.#findings.add(`entry ${index} differs between its journal and its bundle`, index);
    if (this.#explanations.has(index)) this.#explanations.set(index, Buffer.from(entry).toString("utf8"));
    this.#bundle.push(entry);
    if (this.#bundle.length === tileWidth) this.#endBundle();
    this.#checkSaved();
    return full;
  }

  #endBundle(): void {
    const index = Math.ceil(this.#tree.size / tileWidth) - 1;
    for (const file of this.#edge.get(`entries/${index}`) ?? []) {
      this.#edge.delete(`entries/${index}`);
      const entries = this.#bundle.slice(0, file.tile.width);
      const same = entries.length === file.tile.width && sameEntries(file.bytes, entries);
      if (!same) this.#findings.add(`${file.path} does not hold the log's entries`, index * tileWidth);
    }
    this.#bundle = [];
  }

  async #checkTile(tile: HashTile): Promise<void> {
    const path = tilePath({ ...tile, width: tileWidth });
    const bytes = await this.#disk.read(`${paths.log}/${path}`);
    if (bytes === undefined)
      this.#findings.add(`${path} is missing`, firstEntryOf(tile.level, tile.index, 0), tileWidth ** (tile.level + 1));
    else this.#compare(path, tile, bytes, tile.bytes);
    this.#checkEdge(tile.level, tile.index, tile.bytes);
  }

  /** Compares partial and premature files of a tile with what the tile is. */
  #checkEdge(level: number, index: number, truth: Uint8Array): void {
    const at = `${level}/${index}`;
    for (const file of this.#edge.get(at) ?? []) {
      const length = file.tile.width * hashBytes;
      if (length > truth.length) this.#findings.add(`${file.path} holds hashes of entries that the log does not have`);
      else this.#compare(file.path, { level, index }, file.bytes, truth.subarray(0, length));
    }
    this.#edge.delete(at);
  }

  #compare(path: string, { level, index }: { level: number; index: number }, found: Uint8Array, truth: Uint8Array): void {
    if (equalBytes(found, truth)) return;
    let hash = 0;
    while (equalBytes(slot(found, hash), slot(truth, hash))) hash++;
    this.#findings.add(`${path} differs from its entries at hash ${hash}`, firstEntryOf(level, index, hash), tileWidth ** level);
  }

  /** Whether each partial tile that the checkpoint promises is there; what it holds is compared when the tree reaches it. */
  #checkPromised(): void {
    for (const tile of partialTiles(this.#trusted.checkpoint.size)) {
      const there = this.#edge.get(`${tile.level}/${tile.index}`)?.some((file) => file.tile.width === tile.width);
      if (there === true || tile.level === "entries") continue; // a missing bundle is told when its entries are read
      this.#findings.add(`${tilePath(tile)} is missing`, firstEntryOf(tile.level, tile.index, 0));
    }
  }

  /** The tiles that stay partial, and files that belong to no tile of this tree. */
  #finishEdge(): void {
    if (this.#bundle.length > 0) this.#endBundle();
    for (const { level, index, bytes } of this.#tree.edge()) this.#checkEdge(level, index, bytes);
    for (const file of [...this.#edge.values()].flat()) this.#findings.add(`${file.path} belongs to no entry of this log`);
  }

  /** A tile that the checkpoint promises: the full ones from disk, the partial ones from the snapshot. */
  async #expectedTile(tile: Tile): Promise<Uint8Array | undefined> {
    if (tile.width === tileWidth) return this.#disk.read(`${paths.log}/${tilePath(tile)}`);
    return this.#edge.get(`${tile.level}/${tile.index}`)?.find((file) => file.tile.width === tile.width)?.bytes;
  }

  #checkSaved(): void {
    const { saved } = this.#trusted;
    if (saved?.size !== this.#tree.size || equalBytes(saved.root, this.#tree.frontier().root())) return;
    this.#findings.add(
      `the first ${saved.size} entries are not those of the saved checkpoint: the log was rewritten or forked`,
      0,
    );
  }

  /** A torn end must be named, with its digest, by the entry that was next when it was found. */
  #checkSetAside(): void {
    for (const { name, size, bytes } of this.#snapshot.setAside) {
      const entry = decodeEntry(Buffer.from(this.#explanations.get(size) ?? ""), size);
      const files =
        entry?.evidence.kind === "log.tail-set-aside"
          ? (entry.evidence.detail?.["files"] as { name?: string; digest?: string }[])
          : [];
      const digest = digestOf(bytes, nativeSha256);
      if (files?.some((file) => file.name === name && file.digest === digest)) continue;
      this.#findings.add(`set-aside/${name} is not what entry ${size} says was set aside`);
    }
  }
}

interface JournalFrame {
  readonly name: string;
  readonly first: number;
  readonly entries: readonly Uint8Array[];
  readonly note: Uint8Array;
}

function slot(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * hashBytes, (index + 1) * hashBytes);
}

/** The first entry under a hash of a tile. */
function firstEntryOf(level: number, index: number, hash: number): number {
  return (index * tileWidth + hash) * tileWidth ** level;
}

function sameEntries(bundle: Uint8Array, entries: readonly Uint8Array[]): boolean {
  try {
    const found = parseBundle(bundle, entries.length);
    return found.every((entry, i) => equalBytes(entry, entries[i]!));
  } catch {
    return false;
  }
}

function cannotExclude({ key, checkpoint }: VerifyOptions, saved: Checkpoint | undefined): string[] {
  const doubts: string[] = [];
  if (key === undefined)
    doubts.push("the whole log written anew under another key: give the public key that you kept elsewhere (--key)");
  if (checkpoint === undefined) {
    doubts.push(
      "entries cut from the end, or the log put back to an earlier state: give a checkpoint that you saved elsewhere (--checkpoint)",
      "another version of this log shown to somebody else: compare checkpoints with them (--checkpoint)",
    );
  } else if (saved !== undefined) {
    doubts.push(
      `entries from number ${saved.size} on cut off or rewritten by the holder of the signing key: save checkpoints often, elsewhere`,
    );
  }
  return doubts;
}
