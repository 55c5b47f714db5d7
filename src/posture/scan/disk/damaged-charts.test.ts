/** Damaged Helm charts: whatever lies in the folder and whatever `helm` makes of it, the scan ends, and no chart is clean unseen. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { atLeast } from "../../../base/finding/index.ts";
import { makeTar } from "../rules/make-tar.ts";
import type { ScannedTarget } from "../result.ts";
import { scanPath } from "./scan-paths.node.ts";

const work = mkdtempSync(join(tmpdir(), "modelkeep-charts-"));
const nothing = join(work, "no-programs");
beforeAll(() => mkdirSync(nothing));
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A small generator of numbers (Numerical Recipes, 7.1): the same charts on every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

const subchart = makeTar([
  { name: "sub/Chart.yaml", data: "apiVersion: v2\nname: sub\nversion: 1.0.0\n" },
  { name: "sub/templates/a.yaml", data: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n" },
]);
const chart: Readonly<Record<string, string | Uint8Array>> = {
  "Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\ndependencies:\n  - {name: sub, version: 1.0.0}\n",
  "values.yaml": "image: {repository: nginx, tag: '1'}\nreplicas: 2\nlabels: &l {app: a}\n",
  "templates/_helpers.tpl": '{{- define "a.name" -}}{{ .Release.Name | trunc 63 }}{{- end }}\n',
  "templates/deployment.yaml":
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ include "a.name" . }}}\nspec:\n  replicas: {{ .Values.replicas }}\n',
  "crds/a.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: as.example.org}\n",
  "charts/sub-1.0.0.tgz": new Uint8Array(gzipSync(subchart)),
};
const names = Object.keys(chart);

type Damage = (folder: string, next: () => number) => void;
const pick = <T>(from: readonly T[], next: () => number): T => from[Math.floor(next() * from.length)]!;
const inText =
  (edit: (text: string, next: () => number) => string): Damage =>
  (folder, next) => {
    const file = join(folder, pick(names, next));
    writeFileSync(file, edit(readFileSync(file, "latin1"), next), "latin1");
  };

/** Helm reads a `tgz` by what its headers say. */
function lyingArchive(folder: string, next: () => number): void {
  const tar = subchart.slice();
  if (next() < 0.5) tar.set(Buffer.from("77777777777\0"), 124); // 8 GiB in the first member
  else tar.set(Buffer.from("../../../etc/a\0"), 0);
  const packed = new Uint8Array(gzipSync(tar));
  if (next() < 0.5) packed.fill(0xff, packed.length - 8);
  writeFileSync(join(folder, "charts/sub-1.0.0.tgz"), packed.subarray(0, next() < 0.5 ? packed.length : packed.length >> 1));
}

function linkSomewhere(folder: string, next: () => number): void {
  const at = join(folder, pick([...names, "templates", "charts", "more.yaml", "templates/more.yaml"], next));
  rmSync(at, { recursive: true, force: true });
  symlinkSync(pick(["..", ".", "more.yaml", "/dev/zero", "/nowhere/at/all", "../values.yaml", "/etc/hostname"], next), at);
}

const damages: Readonly<Record<string, Damage>> = {
  "braces that do not close": inText((text, next) => {
    const at = Math.floor(next() * text.length);
    return (
      text.slice(0, at) + pick(["{{", "}}", "{{-", "{{ end }}", "{{ range }}", '{{ include "a.name" . '], next) + text.slice(at)
    );
  }),
  "bytes that changed": inText((text, next) => {
    const at = Math.floor(next() * text.length);
    return text.slice(0, at) + String.fromCharCode(Math.floor(next() * 256)).repeat(1 + next() * 4) + text.slice(at + 3);
  }),
  "files cut short": inText((text, next) => text.slice(0, Math.floor(next() * text.length))),
  "values that are very many": (folder, next) =>
    writeFileSync(
      join(folder, pick(["values.yaml", "Chart.yaml", "values-more.yaml"], next)),
      pick(
        [`a: &a [${"x, ".repeat(100_000)}]\n`, `${"[".repeat(50_000)}\n`, `a: &a [1]\n${"b: [*a, *a]\n".repeat(20_000)}`],
        next,
      ),
    ),
  links: linkSomewhere,
  "a subchart that lies": lyingArchive,
  "a folder where a file belongs": (folder, next) => {
    const at = join(folder, pick(names, next));
    rmSync(at);
    mkdirSync(at);
  },
};

function makeChart(folder: string): void {
  for (const [name, data] of Object.entries(chart)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), data);
  }
}

const limits = { maxTotalUnpackedBytes: 1 << 24, maxUnpackedBytes: 1 << 22, maxFiles: 200 };
const isGrave = ({ findings }: ScannedTarget): boolean => findings.some(({ severity }) => atLeast(severity, "medium"));

describe("damaged charts", () => {
  it.for(Object.entries(damages))("with %s are never clean where nothing renders them", ([name, damage]) => {
    vi.stubEnv("PATH", nothing);
    const next = numbers(name.length);
    for (let i = 0; i < 15; i++) {
      const folder = mkdtempSync(join(work, "c-"));
      makeChart(folder);
      for (let n = 0; n < 1 + next() * 2; n++) {
        try {
          damage(folder, next);
        } catch {
          break; // what the damage before it took away
        }
      }
      const targets = [...scanPath(folder, { limits })];
      expect(targets.find(({ kind }) => kind === "helm-chart")).toSatisfy(isGrave);
      for (const target of targets) if (target.status === "failed") expect(target).toSatisfy(isGrave);
    }
  });

  const good =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostNetwork: true, containers: [{name: a, image: a}]}\n---\nkind: List\n";

  it("are judged by what helm prints, and never clean when that is damaged too", () => {
    const programs = join(work, "programs");
    mkdirSync(programs);
    writeFileSync(join(programs, "helm"), '#!/bin/sh\ncat "$3/../printed"\n', { mode: 0o755 });
    vi.stubEnv("PATH", `${programs}:/usr/bin:/bin`);
    const next = numbers(5);
    const home = mkdtempSync(join(work, "r-"));
    makeChart(join(home, "chart"));
    const scan = (printed: string): ScannedTarget[] => {
      writeFileSync(join(home, "printed"), printed);
      return [...scanPath(join(home, "chart"), { limits })];
    };
    expect(scan(good)).toSatisfy((targets: ScannedTarget[]) => targets.some(isGrave));
    for (let i = 0; i < 15; i++) {
      const at = Math.floor(next() * 60);
      const broken = pick(["\t", "{", "&a *a", "\u0000", "- ", '"'], next);
      const chartTarget = scan(good.slice(0, at) + broken + good.slice(at)).find(({ kind }) => kind === "helm-chart")!;
      // Without a single object left, it was skipped: that is not clean either.
      expect(chartTarget).toSatisfy((one: ScannedTarget) => one.status === "skipped" || isGrave(one));
    }
  });

  it("are reported with the program's words when helm gives up", () => {
    const programs = join(work, "failing");
    mkdirSync(programs);
    writeFileSync(join(programs, "helm"), "#!/bin/sh\necho 'Error: it has no end' >&2\nexit 1\n", { mode: 0o755 });
    vi.stubEnv("PATH", `${programs}:/usr/bin:/bin`);
    const folder = mkdtempSync(join(work, "f-"));
    cpSync(join(import.meta.dirname, "../../../../deploy/helm"), join(folder, "chart"), { recursive: true });
    writeFileSync(join(folder, "chart/templates/more.yaml"), "{{");
    const [target] = [...scanPath(join(folder, "chart"), { limits })];
    expect(target!.findings).toEqual([
      expect.objectContaining({ rule: "k8s/not-rendered", message: expect.stringContaining("helm says: Error: it has no end") }),
    ]);
  });
});

describe("a packed chart that is damaged", () => {
  it("never makes a scan crash, and what cannot be read in it is named", () => {
    const next = numbers(9);
    const file = join(work, "packed.tgz");
    for (let i = 0; i < 25; i++) {
      const tar = subchart.slice();
      for (let n = 0; n < 4; n++) tar[Math.floor(next() * 2048)] = Math.floor(next() * 256);
      const packed = new Uint8Array(gzipSync(tar));
      if (next() < 0.5) packed[10 + Math.floor(next() * (packed.length - 10))]! ^= 1 << (next() * 8);
      writeFileSync(file, packed);
      const targets = [...scanPath(file, { limits })];
      expect(targets.length).toBeGreaterThan(0);
      for (const target of targets) if (target.status === "failed") expect(target).toSatisfy(isGrave);
    }
  });
});
