import type { Command as Commander } from "commander";
import { resolve } from "node:path";
import type { FlagValues } from "./context.ts";

/** Flags that stand for a configuration key. A command declares the flag; this says what it sets. */
const keys: Readonly<Record<string, readonly [section: string, key: string]>> = {
  host: ["gateway", "host"],
  port: ["gateway", "port"],
};

/** The configuration that a command's flags ask for, each value with its flag. */
export function flagValues(command: Commander): FlagValues {
  const given = command.opts<Record<string, unknown>>();
  const tree: Record<string, Record<string, unknown>> = {};
  const names = new Map<string, string>();
  const set = (section: string, key: string, entry: { flag: string; value: unknown }): void => {
    tree[section] = { ...tree[section], [key]: entry.value };
    names.set(`${section}.${key}`, entry.flag);
  };
  for (const [name, [section, key]] of Object.entries(keys)) {
    const flag = command.options.find((option) => option.attributeName() === name);
    if (flag !== undefined && given[name] !== undefined) set(section, key, { flag: flag.long!, value: asNumber(given[name]) });
  }
  if (typeof given["tlsCert"] === "string" && typeof given["tlsKey"] === "string") {
    set("gateway", "tls", { flag: "--tls-cert", value: { cert: resolve(given["tlsCert"]), key: resolve(given["tlsKey"]) } });
  }
  const models = command.name() === "serve" ? (command.processedArgs[0] as string[] | undefined) : undefined;
  // A path on the command line is meant from where the person stands.
  if (models !== undefined && models.length > 0)
    set("models", "serve", { flag: "serve MODEL", value: models.map((path) => resolve(path)) });
  return { tree, names };
}

function asNumber(value: unknown): unknown {
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
}
