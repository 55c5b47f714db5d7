/** `modelkeep assess`: opens, assesses, writes the run's folder. */
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { digestOf, nativeSha256, utf8 } from "../../../base/crypto/index.node.ts";
import type { Evidence, EvidenceSink, Json } from "../../../base/evidence/index.ts";
import { isModelkeepError, ModelkeepError, quote } from "../../../base/error/index.ts";
import { version } from "../../../base/port/index.node.ts";
import { assess } from "../../../lab/assess/index.ts";
import type { AssessEvent, Assessment } from "../../../lab/assess/index.ts";
import { realClasses } from "../../../lab/attack/index.node.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import { writeNpz } from "../../../model/data/index.node.ts";
import { classLabels, tensorOf } from "../../../model/onnx/index.ts";
import { assessmentPage, writers } from "../../report/index.ts";
import type { AssessmentFacts, Example } from "../../report/index.ts";
import { newRun } from "../new-run.ts";
import { replayOf } from "../replay.ts";
import { writeWhole } from "../write-whole.ts";
import { openAssessData } from "./data.ts";
import type { AssessData } from "./data.ts";
import { examplesOf } from "./examples.ts";
import { assessmentReport } from "./findings.ts";
import { findAssessed, isAddress, openAssessed } from "./open-assessed.ts";
import { aimsOf, boundsFor } from "./request.ts";
import type { AssessRequest } from "./request.ts";
import { readSnapshot, writeSnapshot } from "./snapshot.ts";

export interface AssessWays {
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: AssessEvent) => void;
  /** Takes the entry of evidence, where a log is kept. */
  readonly evidence?: EvidenceSink | undefined;
}

/** What `--json` prints and `result.json` holds. */
export interface AssessReport extends Omit<Assessment, "runs"> {
  readonly schema: "modelkeep.assessment/1";
  readonly folder: string;
  /** Why some of the folder's files are missing or old; absent where all were written. */
  readonly unwritten?: string;
  readonly model: AssessmentFacts["model"];
  readonly data: AssessmentFacts["data"];
  readonly seed: number;
  readonly replay: string;
}

/** @throws api/no-such-file · api/bad-data · assess/… · attack/unsupported-model */
export async function assessModel(request: AssessRequest, ways: AssessWays = {}): Promise<AssessReport> {
  const aims = aimsOf(request);
  const found = await findAssessed(request);
  const data = await openAssessData(request, found.reading, found.kind === "file" ? classLabels(found.file.model) : undefined);
  const { bounds, told } = boundsFor(request.bounds, data);
  const resume = request.resume === undefined ? undefined : await snapshotAt(request.resume);
  const { subject, digest, queries } = await openAssessed(found, request, data);
  const { output, seed = 0, budgetMs } = request;
  let unwritten: string | undefined;
  /** A full disk takes no figure away: what cannot be kept is said all the same. */
  const keep = async (written: Promise<void>): Promise<void> => {
    try {
      await written;
    } catch (error) {
      if (!isModelkeepError(error) || error.code !== "api/cannot-write") throw error;
      unwritten = error.message;
    }
  };
  try {
    const folder = request.resume ?? (await newRun(request.out, Date.now()));
    const assessment = await assess({
      subject,
      open: openSession,
      ...data,
      ...aims,
      bounds,
      boundsTold: told,
      seed,
      output,
      budgetMs,
      queries,
      resume,
      now: () => performance.now(),
      ...(ways.signal === undefined ? {} : { signal: ways.signal }),
      ...(ways.onEvent === undefined ? {} : { onEvent: ways.onEvent }),
      onSnapshot: (snapshot) => keep(writeWhole(join(folder, "state.json"), writeSnapshot(snapshot))),
    });
    const { runs, ...figures } = assessment;
    const { rowDims } = subject.target;
    const classes = realClasses(subject.target);
    const model = { file: request.model, ...(digest === undefined ? {} : { digest }), classes, rowDims };
    const report: AssessReport = {
      schema: "modelkeep.assessment/1",
      ...figures,
      folder,
      model,
      data: { name: data.name, digest: data.digest, size: data.labels.length },
      seed,
      replay: again(request),
    };
    // The viewer asks the target once more for what it shows: not one that counts what it is asked.
    const examples = queries === undefined ? await examplesOf({ runs, target: subject.target, data }).catch(() => []) : [];
    await keep(writeFolder(folder, { report, assessment, data, examples }));
    await ways.evidence?.append(evidenceOf(report));
    return unwritten === undefined ? report : { ...report, unwritten };
  } finally {
    await subject.target.close();
  }
}

async function snapshotAt(folder: string): Promise<ReturnType<typeof readSnapshot>> {
  const file = join(folder, "state.json");
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new ModelkeepError("api/no-such-file", {
      message: `${quote(file, 160)} cannot be read`,
      hint: "give the folder below runs/ that `modelkeep assess` named",
      exit: 4,
      cause,
    });
  });
  return readSnapshot(text, file);
}

interface Written {
  readonly report: AssessReport;
  readonly assessment: Assessment;
  readonly data: AssessData;
  readonly examples: readonly Example[];
}

async function writeFolder(folder: string, { report, assessment, data, examples }: Written): Promise<void> {
  const put = (name: string, content: Uint8Array | string): Promise<void> => writeWhole(join(folder, name), content);
  const findings = assessmentReport(assessment, { model: report.model.file, version });
  const result = utf8(`${JSON.stringify(report, null, 1)}\n`);
  await put("result.json", result);
  await put("report.html", assessmentPage({ ...report, version, examples }));
  await put("findings.sarif", `${writers.get("sarif").write(findings)}\n`);
  await put("junit.xml", writers.get("junit").write(findings));
  await put("report.md", writers.get("markdown").write(findings));
  const archive = await writeNpz([
    ...assessment.runs.flatMap(({ norm, standings }) => [
      [`${norm}_x`, tensorOf("float32", [standings.size, ...data.dims], standings.nearest)] as const,
      [`${norm}_distance`, tensorOf("float64", [standings.size], standings.distance)] as const,
    ]),
    ["y", tensorOf("int64", [data.labels.length], Array.from(data.labels, BigInt))] as const,
  ]);
  await put("adversarial.npz", archive);
  const hashes = {
    "result.json": digestOf(result, nativeSha256),
    "adversarial.npz": digestOf(archive, nativeSha256),
  };
  const { model, data: set, seed, replay } = report;
  await put(
    "manifest.json",
    `${JSON.stringify({ model, data: set, seed, versions: { modelkeep: version, node: process.version }, replay, outputs: hashes }, null, 1)}\n`,
  );
}

/** The command that makes it again. */
function again(request: AssessRequest): string {
  const { model, data, key, queries, labels, target, limit, attacks, bounds, output, seed = 0 } = request;
  const { threats: threat, requirements: require, task, tolerance, hold, confidence, boxes } = request;
  const asked = task === "classification" ? {} : { task, tolerance, hold, confidence, boxes };
  const flags = {
    data,
    key,
    queries,
    labels,
    target,
    limit,
    attacks: attacks?.join(","),
    threat,
    require,
    bounds,
    output,
    ...asked,
    seed,
  };
  return replayOf("assess", [model], flags);
}

function evidenceOf(report: AssessReport): Evidence {
  const { model, data, seed, replay, threats, requirements, stopped, cleanAccuracy, cleanInterval } = report;
  return {
    kind: "assessment.made",
    outcome: stopped === undefined ? "done" : "failed",
    subject: {
      type: "model",
      id: isAddress(model.file) ? model.file : basename(resolve(model.file)),
      ...(model.digest === undefined ? {} : { digest: model.digest }),
    },
    figures: [
      { name: "clean_accuracy", value: cleanAccuracy, n: data.size, interval: cleanInterval },
      ...threats.map(({ norm, epsilon, robustAccuracy, n, interval }) => ({
        name: `robust_accuracy@${norm}:${epsilon}`,
        value: robustAccuracy,
        n,
        interval,
      })),
    ],
    seed,
    versions: { modelkeep: version, node: process.version },
    replay,
    detail: {
      verdicts: threats.map(({ norm, epsilon, verdict }): Json => ({ norm, epsilon, verdict })),
      requirements: requirements.map(({ requirement, met }): Json => ({ requirement, met })),
      data: data.digest,
    },
  };
}
