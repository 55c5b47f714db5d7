/** The ONNX project's own operator tests: reader, writer, check and shape inference against PyPI `onnx`. Needs Python 3 and the network. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkModel, costOf, elementCode, inferTypes, problemsOf, readModel, writeModel } from "../../src/model/onnx/index.ts";
import type { Dim, Model } from "../../src/model/onnx/index.ts";
import { inferModel } from "../../src/model/onnx/infer/engine.ts";
import { pythonWith } from "../helpers/python.ts";
import { ruleFor } from "../../src/model/onnx/infer/rules/all.ts";

/** Element type number and dimensions. */
type Shape = readonly [number, readonly (number | string | null)[] | null];

interface Case {
  readonly file: string;
  readonly name: string;
  readonly checked: boolean;
  readonly types: Readonly<Record<string, Shape>>;
  readonly declared: Readonly<Record<string, Shape>>;
}

let folder = "";
let cases: readonly Case[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "modelkeep-onnx-"));
  const script = join(import.meta.dirname, "onnx_cases.py");
  execFileSync(pythonWith(["onnx==1.23.2"]), ["-W", "ignore", script, folder], { stdio: ["ignore", "ignore", "inherit"] });
  cases = (JSON.parse(readFileSync(join(folder, "cases.json"), "utf8")) as { cases: Case[] }).cases;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = ({ file }: Case): Uint8Array => new Uint8Array(readFileSync(join(folder, file)));

/** Domains of which we claim operators; training operators are not among them. */
const isClaimed = (model: Model): boolean =>
  (model.opsets.get("") ?? 9) >= 9 &&
  model.graph.nodes.every(
    (node) => ruleFor(node) !== undefined || model.functions.some((fn) => fn.domain === node.domain && fn.name === node.op),
  );

/** Where ours says something else, or nothing where the other names a number. Neither is told the shapes of the outputs. */
function disagreements(model: Model, theirs: Case["types"]): string[] {
  const found: string[] = [];
  const outputs = model.graph.outputs.map(({ name }) => ({ name }));
  const { values } = inferModel({ ...model, graph: { ...model.graph, outputs } });
  for (const [name, [code, dims]] of Object.entries(theirs)) {
    const type = values.get(name)?.type;
    if (type?.kind !== "tensor") {
      if (code !== 0) found.push(`${name}: not known to be a tensor`);
      continue;
    }
    if (code !== 0 && elementCode(type.elementType) !== code) found.push(`${name}: ${type.elementType} against number ${code}`);
    if (dims === null) continue;
    const same = type.dims?.length === dims.length && dims.every((dim, i) => typeof dim !== "number" || type.dims![i] === dim);
    if (!same) found.push(`${name}: [${type.dims?.join() ?? "rank unknown"}] against [${dims.join()}]`);
  }
  return found;
}

/** Known numbers that differ from the sizes the case really has. */
function contradictions(model: Model, declared: Case["declared"]): string[] {
  const { values } = inferModel(model, { trustDeclared: false });
  return Object.entries(declared).flatMap(([name, [, dims]]) => {
    const type = values.get(name)?.type;
    const ours: readonly Dim[] | undefined = type?.kind === "tensor" ? type.dims : undefined;
    if (ours === undefined || dims === null) return [];
    const differs =
      ours.length !== dims.length ||
      ours.some((dim, i) => typeof dim === "number" && typeof dims[i] === "number" && dim !== dims[i]);
    return differs ? [`${name}: [${ours.join()}] where the case has [${dims.join()}]`] : [];
  });
}

describe("the ONNX project's operator tests", () => {
  it("are all there", () => {
    expect(cases.length).toBeGreaterThan(2000);
  });

  it("come back bit by bit", () => {
    for (const one of cases) {
      const bytes = bytesOf(one);
      expect(Buffer.compare(writeModel(readModel(bytes)), bytes), one.name).toBe(0);
    }
  });

  it("pass our check where they pass theirs", () => {
    for (const one of cases) {
      if (one.checked) expect(problemsOf(readModel(bytesOf(one))), one.name).toEqual([]);
      else expect(() => checkModel(readModel(bytesOf(one))), one.name).toThrow();
    }
  });

  it("have the shapes that onnx infers", () => {
    const different: string[] = [];
    let compared = 0;
    for (const one of cases) {
      const model = readModel(bytesOf(one));
      if (!isClaimed(model)) continue;
      compared++;
      different.push(...disagreements(model, one.types).map((what) => `${one.name} ${what}`));
    }
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(1850);
  });

  it("never have other shapes than those we infer", () => {
    const wrong = cases.flatMap((one) =>
      contradictions(readModel(bytesOf(one)), one.declared).map((what) => `${one.name} ${what}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe("the nine network skeletons of the onnx package", () => {
  it("are read, checked and inferred to the last value", () => {
    const skeletons = cases.filter(({ name }) => name.startsWith("light/"));
    expect(skeletons).toHaveLength(9);
    for (const one of skeletons) {
      const model = readModel(bytesOf(one));
      checkModel(model);
      const types = inferTypes(model);
      for (const node of model.graph.nodes) {
        for (const value of node.outputs) {
          const type = types.get(value);
          expect(type?.kind === "tensor" && type.dims?.every((dim) => typeof dim === "number"), `${one.name} ${value}`).toBe(
            true,
          );
        }
      }
      // Their weights are constants of a shape: by design what the cost check is there to refuse.
      const report = costOf(model, { limits: { maxConstantBytes: 2 ** 30 } });
      expect(report.unbounded).toEqual([]);
      expect(report.flops).toBeGreaterThan(1e8);
    }
  });
});
