import { describe, expect, it } from "vitest";
import { offsetOf } from "./places.ts";
import { readYaml } from "./read-yaml.ts";

const value = (text: string) => readYaml(text).documents[0]?.value;

describe("YAML as Kubernetes reads it", () => {
  it("takes yes, on and their like for booleans, as Go's decoder does", () => {
    expect(value("privileged: yes\nhostNetwork: on\nname: 'yes'\nmode: 0644")).toEqual({
      privileged: true,
      hostNetwork: true,
      name: "yes",
      mode: 0o644,
    });
  });

  it("merges `<<` under the keys that are spelt out", () => {
    const text = "base: &b {privileged: true, a: 1}\nx:\n  <<: *b\n  a: 2\ny:\n  <<: [*b, {c: 3}]\n";
    expect(value(text)).toEqual({
      base: { privileged: true, a: 1 },
      x: { privileged: true, a: 2 },
      y: { privileged: true, a: 1, c: 3 },
    });
  });

  it("lets the last of two equal keys hold, and names the place", () => {
    const { documents, lineAt } = readYaml("spec:\n  hostPID: false\n  hostPID: true\n");
    expect(documents[0]!.value).toEqual({ spec: { hostPID: true } });
    expect(documents[0]!.duplicates.map(({ path, offset }) => [path, lineAt(offset)])).toEqual([[["spec", "hostPID"], 3]]);
  });

  it("knows the line of each field, and of the nearest one of a field that is missing", () => {
    const file = readYaml("# a\nspec:\n  containers:\n  - name: a\n    image: b\n---\nspec: {}\n");
    const line = (path: (string | number)[]) => file.lineAt(offsetOf(file.documents[0]!, path));
    expect(line(["spec", "containers", 0, "image"])).toBe(5);
    expect(line(["spec", "containers", 0, "securityContext", "privileged"])).toBe(4);
  });

  it.for([
    "a: 1\n---\nb: 2\n---\nc: 3\n",
    "# head\n---\n# one\na: |\n  x\n# between\n---\nb: 'c'\n...\n---\n",
    "%YAML 1.1\n---\na: yes\n...\n# tail\n%YAML 1.1\n---\nb: no\n",
    "---\r\na: 1\r\n---\r\nb: [1,\r\n 2]\r\n",
    "\uFEFFa: 1\n---\nb: 2",
  ])("can be cut into documents that read the same by themselves: %j", (text) => {
    const { documents } = readYaml(text);
    expect(documents.length).toBeGreaterThan(1);
    expect(documents.map(({ span: [start, end] }) => text.slice(start, end)).join("")).toBe(text);
    for (const { span, value: whole } of documents)
      expect(readYaml(text.slice(...span)).documents.map((one) => one.value)).toEqual([whole]);
  });

  it("has a key `__proto__` that changes nothing", () => {
    expect(Object.keys(value("__proto__: {privileged: true}\n") as object)).toEqual(["__proto__"]);
    expect(({} as { privileged?: unknown }).privileged).toBeUndefined();
  });

  it.for([
    [
      "a billion laughs",
      `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
        .split("")
        .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(",")}]`)
        .join("\n")}\n`,
      "scan/refused",
    ],
    ["an alias that contains itself", "a: &a [1, *a]\n", "scan/refused"],
    ["a hundred thousand brackets", `a: ${"[".repeat(100_000)}`, "scan/refused"],
    ["a block nested a thousand deep", Array.from({ length: 1000 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"), "scan/refused"],
    ["a file cut in the middle", 'a: "b\n', "scan/malformed"],
    ["an alias without an anchor", "a: *b\n", "scan/malformed"],
    ["a tab where spaces must be", "a:\n\t- b: c\n\t d", "scan/malformed"],
  ] as const)("refuses %s in one line", ([, text, code]) => {
    let caught: unknown;
    try {
      readYaml(text);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code });
    expect((caught as Error).message).not.toContain("\n");
  });
});
