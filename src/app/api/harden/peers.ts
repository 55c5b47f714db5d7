/** Other hardened models of the same data and threat, by what their runs say: what a trade between right answers and robust ones is seen against. */
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ParetoPoint } from "../../report/index.ts";
import type { HardenReport } from "./harden-model.ts";

/** Runs beside this one. A folder that is no run, or a run of something else, is passed over. */
export async function peersOf(report: HardenReport): Promise<readonly ParetoPoint[]> {
  const runs = dirname(report.run);
  const names = (await readdir(runs)).filter((name) => name !== basename(report.run)).toSorted();
  const read = await Promise.all(names.map((name) => readRun(join(runs, name, "result.json"))));
  return read.flatMap((other, i) => {
    if (other?.check?.after === undefined || !isAlike(other, report)) return [];
    const { clean, robust } = other.check.after;
    return [{ label: `${other.hardening.method}, ${names[i]!}`, clean, robust }];
  });
}

async function readRun(file: string): Promise<HardenReport | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as HardenReport;
  } catch {
    return undefined;
  }
}

const isAlike = (a: HardenReport, b: HardenReport): boolean =>
  a.hardening?.threat.norm === b.hardening.threat.norm &&
  a.hardening.threat.epsilon === b.hardening.threat.epsilon &&
  a.data?.digest === b.data.digest;
