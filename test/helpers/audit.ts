import type { Evidence } from "../../src/base/evidence/index.ts";
import { createManualClock, ensureFolder, parentOf } from "../../src/base/port/index.ts";
import type { Disk } from "../../src/base/port/index.ts";
import { auditConfig, createAuditLog, openSigner, verifyLog } from "../../src/guard/audit/index.ts";
import { createMemoryDisk } from "./memory-disk.ts";
import type { MemoryDisk } from "./memory-disk.ts";
import type { AuditLog, AuditLogOptions } from "../../src/guard/audit/index.ts";

/** A served request, as the gateway tells it. */
export function answered(n: number, over: Partial<Evidence> = {}): Evidence {
  return {
    kind: "inference.answered",
    outcome: "done",
    actor: { principal: n % 3 === 0 ? "alice" : "bob", credential: `mk_${n % 3}`, address: `192.0.2.${n % 250}` },
    action: "infer",
    subject: { type: "model", id: "digits", version: "1", digest: `sha256:${"ab".repeat(32)}` },
    requestId: `request-${n}`,
    figures: [{ name: "latency", value: 1.5 + n, unit: "ms" }],
    detail: {
      inputs: [{ name: "input", type: "float32", dims: [1, 1, 28, 28], commitment: `hmac-sha256:${"cd".repeat(32)}` }],
      policies: ["caller"],
      rows: 1,
    },
    ...over,
  };
}

/** A log over a disk, with the keys that lie there or new ones. */
export async function openLog(disk: Disk, over: Partial<AuditLogOptions> & { settings?: object } = {}): Promise<AuditLog> {
  const { settings, ...options } = over;
  const config = auditConfig.parse({ gatherMs: 0, integrateMs: 60_000, ...settings });
  return createAuditLog({ disk, signer: await openSigner({ disk, config }), config, clock: createManualClock(), ...options });
}

/** Every file below a folder with its bytes. */
export async function filesBelow(disk: Disk, folder: string): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const { name, kind } of await disk.list(folder)) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (kind === "folder") for (const [inner, bytes] of await filesBelow(disk, path)) found.set(inner, bytes);
    else found.set(path, (await disk.read(path))!);
  }
  return found;
}

/** Puts these bytes in the place of a file; with none it removes it. */
export async function putFile(disk: Disk, path: string, bytes: Uint8Array | undefined): Promise<void> {
  await disk.remove(path);
  if (bytes === undefined) return;
  await ensureFolder(disk, parentOf(path) || "tmp");
  const file = await disk.open(path);
  await file.append(bytes);
  await file.sync();
  await file.close();
}

/** A log that has seen everything: a torn end set aside, tiles that were partial once, entries that are still in the journal. */
export async function eventfulLog(entries: number): Promise<MemoryDisk> {
  const disk = createMemoryDisk();
  const small = (n: number) => ({ kind: "test", outcome: "done" as const, requestId: `${n}` });
  const first = await openLog(disk);
  await Promise.all(Array.from({ length: entries }, (_, n) => first.append(small(n))));
  await first.flush();
  await first.append(small(entries));
  const [journal] = await disk.list("log/journal");
  const file = await disk.open(`log/journal/${journal!.name}`);
  await file.append(new TextEncoder().encode("MKF1 torn"));
  await file.sync();
  disk.crash();
  const second = await openLog(disk);
  await second.flush();
  await second.append(small(entries + 1));
  await second.append(small(entries + 2));
  disk.crash();
  const { ok, size } = await verifyLog({ disk });
  if (!ok || size !== entries + 5) throw new Error("the log to be tampered with is not as it should be");
  return disk;
}

/** Flips bits one by one, `bits` saying which of each byte, and returns those that verification passed over. */
export async function unnoticedFlips(
  disk: MemoryDisk,
  files: ReadonlyMap<string, Uint8Array>,
  bits: (at: number) => number[],
): Promise<string[]> {
  const unnoticed: string[] = [];
  for (const [path, bytes] of files) {
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of bits(at)) {
        const changed = bytes.slice();
        changed[at]! ^= 1 << bit;
        await putFile(disk, path, changed);
        if ((await verifyLog({ disk, patient: false })).ok) unnoticed.push(`${path} byte ${at} bit ${bit}`);
      }
    }
    await putFile(disk, path, bytes);
  }
  return unnoticed;
}
