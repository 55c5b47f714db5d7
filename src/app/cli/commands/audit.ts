import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EvidenceEntry, EvidenceQuery } from "../../../base/evidence/index.ts";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { createFolderDisk } from "../../../base/port/index.node.ts";
import type { Context } from "../context.ts";
import { defineCommand } from "../define.ts";
import { api, auditRoom } from "../rooms.ts";
import { parseMoment } from "../duration.ts";
import type {} from "../errors.ts";
import type { Output } from "../output.ts";
import { cell, jsonText } from "../output.ts";
import { usage } from "../usage.ts";

export const auditVerifyCommand = defineCommand({
  id: "audit verify",
  title: "read every file of the log and check it against its signatures",
  examples: [
    "modelkeep audit verify",
    "modelkeep audit verify --checkpoint saved.txt --key log.pub   # against an outside memory: finds rollback and forks too",
    "modelkeep audit verify --dir /backup/audit --json",
  ],
  declare: (command) =>
    command
      .option("--dir <folder>", "the log's folder (default: audit in the state folder)")
      .option("--checkpoint <file>", "a checkpoint saved earlier with `modelkeep audit checkpoint`")
      .option("--key <file>", "the log's public key, kept outside"),
  async run(context, { flags }) {
    const { dir, checkpoint, key } = flags as { readonly dir?: string; readonly checkpoint?: string; readonly key?: string };
    const folder = dir ?? join((await context.config()).stateDir, "audit");
    if (!existsSync(folder)) {
      context.output.note(`nothing was checked: there is no log at ${cell(folder)}`);
      return 3;
    }
    const verdict = await (
      await auditRoom()
    ).verifyLog({
      disk: createFolderDisk(folder),
      ...(checkpoint === undefined ? {} : { checkpoint: await readText(checkpoint) }),
      ...(key === undefined ? {} : { key: await readText(key) }),
    });
    const { output } = context;
    output.value(verdict);
    output.text(
      verdict.ok
        ? `OK  ${verdict.size} entries, root ${verdict.root}`
        : `NOT OK  first bad entry: ${verdict.firstBad ?? "none can be named"}`,
    );
    for (const reason of verdict.reasons) output.text(`  ${cell(reason)}`);
    for (const hidden of verdict.cannotExclude) output.note(`not excluded: ${hidden}`);
    return verdict.ok ? 0 : 1;
  },
});

export const auditTailCommand = defineCommand({
  id: "audit tail",
  title: "print the newest entries, and with --follow each new one",
  examples: ["modelkeep audit tail", "modelkeep audit tail -n 100 --json", "modelkeep audit tail --follow"],
  declare: (command) =>
    command.option("-n, --limit <count>", "how many", wholeNumber, 20).option("-f, --follow", "wait for more until interrupted"),
  async run(context, { flags }) {
    const entries = (await context.ask((await api()).auditSearch, { limit: flags["limit"] as number })).toReversed();
    for (const entry of entries) printEntry(context.output, entry);
    let next = (entries.at(-1)?.index ?? -1) + 1;
    while (flags["follow"] === true) {
      await sleep(500);
      next = await printFrom(context, next);
    }
    return 0;
  },
});

export const auditSearchCommand = defineCommand({
  id: "audit search",
  title: "find entries by principal, model, address, time or outcome; newest first",
  examples: [
    "modelkeep audit search --principal alice --outcome denied",
    "modelkeep audit search --model digits --from 24h --json",
    "modelkeep audit search --kind key.created",
  ],
  declare: (command) =>
    command
      .option("--principal <name>", "who")
      .option("--model <name>", "on which model")
      .option("--address <address>", "from where")
      .option("--kind <kind>", "what: inference.answered, request.refused, key.created, ban.set, …")
      .option("--outcome <outcome>", "done, denied, limited or failed")
      .option("--from <moment>", "not before: ISO 8601, or a time ago (24h)")
      .option("--to <moment>", "not after")
      .option("--before <index>", "only entries before this one: the next page", wholeNumber)
      .option("-n, --limit <count>", "how many at most", wholeNumber, 100),
  async run({ ask, output }, { flags }) {
    const { from, to, principal, model, address, kind, outcome, before, limit } = flags as Omit<
      EvidenceQuery,
      "fromMs" | "toMs"
    > & { readonly from?: string; readonly to?: string };
    const nowMs = Date.now();
    const entries = await ask((await api()).auditSearch, {
      principal,
      model,
      address,
      kind,
      outcome,
      before,
      limit,
      ...(from === undefined ? {} : { fromMs: parseMoment(from, nowMs) }),
      ...(to === undefined ? {} : { toMs: parseMoment(to, nowMs) }),
    });
    output.value(entries);
    if (!output.json) for (const entry of entries) printEntry(output, entry);
    return 0;
  },
});

export const auditShowCommand = defineCommand({
  id: "audit show",
  title: "print one entry whole",
  examples: [
    "modelkeep audit show 42",
    "modelkeep audit show 42 --json",
    "modelkeep audit show 42 --raw > entry-42   # for a proof",
  ],
  declare: (command) =>
    command
      .argument("<n>", "the entry's index", wholeNumber)
      .option("--raw", "the bytes exactly as they were hashed, without a line end"),
  async run({ ask, output }, { args, flags }) {
    const index = args[0] as unknown as number;
    if (flags["raw"] === true) {
      process.stdout.write(Buffer.from(await ask((await api()).auditRaw, { index }), "base64"));
      return 0;
    }
    const entry = await ask((await api()).auditShow, { index });
    output.value(entry);
    output.text(jsonText({ ...entry, time: new Date(entry.timeMs).toISOString() }, 2));
    return 0;
  },
});

export const auditProveCommand = defineCommand({
  id: "audit prove",
  title: "print the proof that an entry is in the log (c2sp.org/tlog-proof)",
  examples: ["modelkeep audit prove 42 > entry-42.tlog-proof"],
  declare: (command) => command.argument("<n>", "the entry's index", wholeNumber),
  async run({ ask, output }, { args }) {
    const index = args[0] as unknown as number;
    const proof = await ask((await api()).auditProve, { index });
    output.value({ index, proof });
    output.text(proof.trimEnd());
    return 0;
  },
});

export const auditCheckpointCommand = defineCommand({
  id: "audit checkpoint",
  title: "print the newest signed checkpoint: keep it outside, for `audit verify --checkpoint`",
  examples: ["modelkeep audit checkpoint > saved.txt", "modelkeep audit checkpoint --public-key > log.pub"],
  declare: (command) => command.option("--public-key", "print the log's public key instead"),
  async run({ ask, output }, { flags }) {
    const { checkpoint, key } = await ask((await api()).auditCheckpoint, {});
    output.value({ checkpoint, key });
    output.text((flags["publicKey"] === true ? key : checkpoint).trimEnd());
    return 0;
  },
});

export const auditExportCommand = defineCommand({
  id: "audit export",
  title: "print all entries in order, as JSON lines or CSV",
  examples: ["modelkeep audit export > log.jsonl", "modelkeep audit export --format csv --from 0 > log.csv"],
  declare: (command) =>
    command.option("--format <format>", "jsonl or csv", "jsonl").option("--from <index>", "first entry", wholeNumber, 0),
  async run(context, { flags }) {
    const format = flags["format"] as string;
    if (format !== "jsonl" && format !== "csv") throw usage(`${quote(format)} is no export format`, "jsonl or csv");
    for await (const line of (await auditRoom()).exportEntries(allEntries(context, flags["from"] as number), format))
      process.stdout.write(line);
    return 0;
  },
});

export const auditReindexCommand = defineCommand({
  id: "audit reindex",
  title: "rebuild the index that `audit search` uses from the log itself",
  examples: ["modelkeep audit reindex"],
  async run({ ask, output }) {
    const report = await ask((await api()).auditReindex, {});
    output.value(report);
    output.text("rebuilt");
    return 0;
  },
});

const pageSize = 500;

async function* allEntries({ ask }: Context, start: number): AsyncGenerator<EvidenceEntry> {
  const { auditRead } = await api();
  for (let from = start; ;) {
    const { entries, next } = await ask(auditRead, { from, limit: pageSize });
    yield* entries;
    if (next === from) return;
    from = next;
  }
}

async function printFrom({ ask, output }: Context, from: number): Promise<number> {
  const { entries, next } = await ask((await api()).auditRead, { from, limit: pageSize });
  for (const entry of entries) printEntry(output, entry);
  return next;
}

function printEntry(output: Output, entry: EvidenceEntry): void {
  output.value(entry);
  const { index, timeMs, evidence } = entry;
  const { kind, outcome, actor, subject, code } = evidence;
  const about =
    subject === undefined ? "" : `${subject.type} ${subject.id}${subject.version === undefined ? "" : `@${subject.version}`}`;
  const who = [actor?.principal, actor?.address].filter((part) => part !== undefined).join(" from ");
  output.text(
    [String(index).padStart(6), new Date(timeMs).toISOString(), outcome.padEnd(7), cell(kind), cell(who), cell(about), code ?? ""]
      .join("  ")
      .trimEnd(),
  );
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw usage(`${quote(text)} is no whole number`, "0, 1, 2, …");
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new ModelkeepError("cli/usage", {
      message: `${quote(path)} cannot be read`,
      hint: "give the path of a file",
      exit: 4,
      cause,
    });
  });
}
