import { describe, expect, it } from "vitest";
import { pssFixtures } from "../../../../../test/helpers/pss-fixtures.ts";
import type { Edit } from "../fields.ts";
import { editsFor, evaluatePod } from "../pss/evaluate.ts";
import { applyTextEdits, textEditsFor } from "./edit-text.ts";
import { readYaml } from "./read-yaml.ts";
import type { YamlFile } from "./node.ts";

function changed(text: string, edits: readonly Edit[]): string | undefined {
  const file = readYaml(text);
  const made = textEditsFor(file, file.documents[0]!, edits);
  return made === undefined ? undefined : applyTextEdits(text, made);
}

describe("edits of a manifest's text", () => {
  it("mend every failing official fixture, and the text is still the file it was", () => {
    const seen = new Set<string>();
    const files = new Map<string, YamlFile>();
    for (const { text, level, minor, pass, file } of pssFixtures()) {
      if (pass) continue;
      const parsed = files.get(text) ?? readYaml(text);
      files.set(text, parsed);
      const edits = editsFor(parsed.documents[0]!.value, { level, minor })!;
      const key = JSON.stringify([text, edits]);
      if (seen.has(key)) continue;
      seen.add(key);
      const made = textEditsFor(parsed, parsed.documents[0]!, edits);
      expect(made, file).toBeDefined();
      const after = applyTextEdits(text, made!);
      expect(evaluatePod(readYaml(after).documents[0]!.value, { level, minor }).allowed, file).toBe(true);
      const lost = text.split("\n").filter((line) => !after.split("\n").includes(line));
      expect(lost.length, file).toBeLessThanOrEqual(3 * edits.length);
    }
    expect(seen.size).toBeGreaterThan(250);
  });

  it("keep comments, quotes and order", () => {
    const text = [
      "spec: # the pod",
      "  hostNetwork: true # why not",
      "  containers:",
      "  - name: a # first",
      "    securityContext: {privileged: true} # gpu",
      "  - image: b",
      "    securityContext:",
      "      # needed",
      "      capabilities:",
      "        add: [SYS_ADMIN, CHOWN]",
      "",
    ].join("\n");
    const after = changed(text, [
      { op: "remove", path: ["spec", "hostNetwork"] },
      { op: "set", path: ["spec", "containers", 0, "securityContext", "privileged"], value: false },
      { op: "remove", path: ["spec", "containers", 1, "securityContext", "capabilities", "add", 0] },
      { op: "set", path: ["spec", "containers", 1, "securityContext", "capabilities", "drop"], value: ["ALL"] },
      { op: "set", path: ["spec", "securityContext", "runAsNonRoot"], value: true },
      { op: "set", path: ["spec", "securityContext", "seccompProfile", "type"], value: "RuntimeDefault" },
    ]);
    expect(after).toBe(
      [
        "spec: # the pod",
        "  securityContext:",
        "    runAsNonRoot: true",
        "    seccompProfile:",
        "      type: RuntimeDefault",
        "  containers:",
        "  - name: a # first",
        "    securityContext: {privileged: false} # gpu",
        "  - image: b",
        "    securityContext:",
        "      # needed",
        "      capabilities:",
        "        drop:",
        "          - ALL",
        "        add: [CHOWN]",
        "",
      ].join("\n"),
    );
  });

  it.for([
    [
      "JSON",
      '{"spec":{"hostPID":true,"containers":[{"name":"a"}]}}',
      '{"spec":{"securityContext":{"x":true}, "containers":[{"name":"a"}]}}',
    ],
    ["an empty mapping", "spec: {hostPID: true, securityContext: {}}\n", 'spec: {securityContext: {"x":true}}\n'],
    ["an empty field", "spec:\n  hostPID: true\n  securityContext:\n", 'spec:\n  securityContext: {"x":true}\n'],
  ] as const)("work in %s", ([, text, wanted]) => {
    const edits: Edit[] = [
      { op: "remove", path: ["spec", "hostPID"] },
      { op: "set", path: ["spec", "securityContext", "x"], value: true },
    ];
    expect(changed(text, edits)).toBe(wanted);
  });

  it("change one document of several, and are not offered where they would spill into the next", () => {
    const text = "spec: {a: 1}\n---\n# mine\nspec:\n  hostPID: true\n---\nspec: {c: 3}\n";
    const file = readYaml(text);
    const made = textEditsFor(file, file.documents[1]!, [{ op: "set", path: ["spec", "hostPID"], value: false }]);
    expect(applyTextEdits(text, made!)).toBe(text.replace("true", "false"));
    const spilling = textEditsFor(file, file.documents[1]!, [{ op: "set", path: ["spec", "hostPID"], value: "a\n---\nb: 1" }]);
    expect(spilling === undefined ? 3 : readYaml(applyTextEdits(text, spilling)).documents.length).toBe(3);
  });

  it("are not offered where an anchor would carry them elsewhere", () => {
    const text = "a: &x\n  privileged: true\nb: *x\n";
    expect(changed(text, [{ op: "set", path: ["a", "privileged"], value: false }])).toBeUndefined();
    expect(changed(text, [{ op: "set", path: ["b", "privileged"], value: false }])).toBeUndefined();
  });
});
