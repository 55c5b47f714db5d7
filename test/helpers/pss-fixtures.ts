import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** One official fixture: a pod, and whether the API server of a version admits it at a level. */
export interface PssFixture {
  /** `restricted/v1.33/fail/hostports0.yaml`. */
  readonly file: string;
  readonly level: "baseline" | "restricted";
  readonly minor: number;
  readonly pass: boolean;
  /** The check that the file is about: `hostports`. */
  readonly about: string;
  readonly text: string;
}

/** The fixtures of k8s.io/pod-security-admission v0.37.2; see `test/fixtures/pss/NOTICE`. */
export function pssFixtures(): readonly PssFixture[] {
  const packed = gunzipSync(readFileSync(join(import.meta.dirname, "../fixtures/pss/fixtures.json.gz"))).toString();
  const { texts, files } = JSON.parse(packed) as { texts: readonly string[]; files: Readonly<Record<string, number>> };
  return Object.entries(files).map(([file, text]) => pssFixture(file, texts[text]!));
}

/** What the path of an official fixture says about it. */
export function pssFixture(file: string, text: string): PssFixture {
  const [level, version, verdict, name] = file.split("/");
  return {
    file,
    level: level as PssFixture["level"],
    minor: Number(version!.slice("v1.".length)),
    pass: verdict === "pass",
    about: name!.replace(/\d+\.yaml$/, ""),
    text,
  };
}
