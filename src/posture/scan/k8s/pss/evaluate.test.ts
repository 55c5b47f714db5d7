import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { pssFixtures } from "../../../../../test/helpers/pss-fixtures.ts";
import { applyEdits, at, fieldText } from "../fields.ts";
import type { Edit, FieldPath } from "../fields.ts";
import { podSecurityLevels } from "./control.ts";
import { editsFor, evaluatePod, parseMinor } from "./evaluate.ts";

const fixtures = pssFixtures();
const parsed = new Map<string, unknown>();
const cases = fixtures.map((fixture) => {
  if (!parsed.has(fixture.text)) parsed.set(fixture.text, parse(fixture.text));
  return { ...fixture, pod: parsed.get(fixture.text) };
});

/** `hostports` is about `pss/host-ports`. */
const squeezed = (control: string) => control.slice("pss/".length).replaceAll("-", "");

describe("Pod Security Standards", () => {
  it("agree with the API server on each of its 4,537 official fixtures", () => {
    const wrong = cases.filter(({ pod, level, minor, pass }) => evaluatePod(pod, { level, minor }).allowed !== pass);
    expect(cases).toHaveLength(4537);
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  it("name the control that the fixture is about", () => {
    // At the restricted level some controls take the place of the baseline's.
    const stead: Record<string, string> = {
      capabilities_baseline: "capabilitiesrestricted",
      hostpathvolumes: "restrictedvolumes",
      seccompprofile_baseline: "seccompprofilerestricted",
      procmount: "procmountrestricted",
      procmount_restricted: "procmount",
    };
    const silent = cases.filter(({ pod, level, minor, about, pass }) => {
      const named = evaluatePod(pod, { level, minor }).violations.map(({ control }) => squeezed(control.id));
      return !pass && !named.includes(about.replaceAll("_", "")) && !named.includes(stead[about] ?? "");
    });
    expect(silent.map(({ file }) => file)).toEqual([]);
  });

  it("point at a field of a container, a volume or the pod that is there", () => {
    const astray = cases.flatMap(({ file, pod, level, minor }) =>
      evaluatePod(pod, { level, minor })
        .violations.filter(({ path }) => at(pod, ...path.slice(0, typeof path[2] === "number" ? 3 : 1)) === undefined)
        .map(({ path }) => `${file} ${fieldText(path)}`),
    );
    expect(astray).toEqual([]);
  });

  it("offer edits that make every failing fixture pass, that touch nothing else, and of which none is needless", () => {
    let mended = 0;
    const seen = new Set<string>(); // neighbouring versions ask the same of the same text
    for (const { file, about, text, pod, level, minor, pass } of cases) {
      const edits = editsFor(pod, { level, minor });
      if (pass) {
        expect(edits, file).toEqual([]);
        continue;
      }
      expect(edits, file).toBeDefined();
      mended++;
      const key = JSON.stringify([about, text, level, edits]);
      if (seen.has(key)) continue;
      seen.add(key);
      const changed = applyEdits(pod, edits!);
      expect(evaluatePod(changed, { level, minor }).allowed, file).toBe(true);
      expect(outside(changed, edits!), file).toEqual(outside(pod, edits!));
      for (const group of needed(edits!)) {
        const fewer = edits!.filter((edit) => !group.includes(edit));
        expect(evaluatePod(applyEdits(pod, fewer), { level, minor }).allowed, file).toBe(false);
      }
    }
    expect(mended).toBe(3486);
  });

  it("refuse a pod whose fields have types that the API server would not decode", () => {
    const pod = { spec: { hostNetwork: "true", containers: [{ name: "a", securityContext: { privileged: "yes" } }] } };
    const { allowed, wrongTypes } = evaluatePod(pod, { level: "baseline", minor: 37 });
    expect(allowed).toBe(false);
    expect(wrongTypes.map(({ path }) => fieldText(path))).toEqual([
      "spec.hostNetwork",
      "spec.containers[0].securityContext.privileged",
    ]);
  });

  it.for(podSecurityLevels)("never throw, whatever the pod is made of (%s)", (level) => {
    const odd = [
      null,
      1,
      "x",
      [],
      {},
      { spec: null },
      { spec: [] },
      { spec: { containers: {} } },
      { spec: { containers: [null, 1, "x", []] } },
    ];
    for (const pod of odd) expect(() => editsFor(pod, { level, minor: 37 })).not.toThrow();
  });

  it("read a version newer than any known as the newest", () => {
    const pod = { spec: { containers: [{ name: "a", livenessProbe: { httpGet: { host: "b" } } }] } };
    expect(evaluatePod(pod, { level: "baseline", minor: 99 }).allowed).toBe(false);
    expect(evaluatePod(pod, { level: "baseline", minor: 33 }).allowed).toBe(true);
    expect(["1.33", "v1.33.4", "latest", "2.0", "1.x"].map(parseMinor)).toEqual([33, 33, 37, undefined, undefined]);
  });
});

/** The leaves of a pod as text, without those below what the edits name. Of a list that loses entries only the rest is compared, by order. */
function outside(pod: unknown, edits: readonly Edit[]): string[] {
  const shrunk = edits.flatMap(({ op, path }) =>
    op === "remove" && typeof path.at(-1) === "number" ? [fieldText(path.slice(0, -1))] : [],
  );
  const named = edits.map(({ path }) => fieldText(path));
  return leaves(pod, [])
    .filter((leaf) => ![...named, ...shrunk].some((field) => leaf.startsWith(field)))
    .toSorted();
}

function leaves(value: unknown, path: FieldPath): string[] {
  if (typeof value !== "object" || value === null) return [`${fieldText(path)}=${JSON.stringify(value)}`];
  const steps = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return steps.flatMap(([step, item]) => leaves(item, [...path, step]));
}

/** A replaced volume is two edits that belong together. */
function needed(edits: readonly Edit[]): readonly (readonly Edit[])[] {
  const groups = new Map<string, Edit[]>();
  for (const edit of edits) {
    const key = edit.path[1] === "volumes" ? `volume ${edit.path[2]}` : JSON.stringify(edit.path);
    groups.set(key, [...(groups.get(key) ?? []), edit]);
  }
  return [...groups.values()];
}
