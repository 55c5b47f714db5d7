import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { AccessConfig } from "../config.ts";
import type {} from "../errors.ts";
import type { PolicyFile } from "./source.ts";

const ready = new URL("../policies/", import.meta.url);
const readyRoles = ["caller.cedar", "operator.cedar", "auditor.cedar", "admin.cedar"];
const maxBytes = 1_048_576;

/** The schema that every policy must fit. */
export async function readSchema(): Promise<string> {
  return await readFile(new URL("schema.cedarschema", ready), "utf8");
}

/**
 * The policy files that the configuration asks for, ours first: the credential scope always, the ready roles unless they are off.
 *
 * @throws `access/policy-unreadable`
 */
export async function readPolicyFiles(config: AccessConfig["policies"], baseDir: string): Promise<PolicyFile[]> {
  const names = ["scope.cedar", ...(config.readyRoles ? readyRoles : [])];
  const ours = names.map(async (name) => [{ name, text: await readFile(new URL(name, ready), "utf8") }]);
  const theirs = config.files.map((path) => readTheirs(path, baseDir));
  return (await Promise.all([...ours, ...theirs])).flat();
}

async function readTheirs(path: string, baseDir: string): Promise<PolicyFile[]> {
  const at = resolve(baseDir, path);
  try {
    const paths = (await stat(at)).isDirectory() ? await cedarFilesIn(at) : [at];
    return await Promise.all(paths.map(async (file) => ({ name: relative(baseDir, file) || file, text: await readText(file) })));
  } catch (cause) {
    throw new ModelkeepError("access/policy-unreadable", {
      message: `policies cannot be read from ${quote(path)}: ${quote((cause as Error).message)}`,
      hint: "name UTF-8 files of at most 1 MiB, or folders with *.cedar files, in `access.policies.files`",
      cause,
    });
  }
}

async function cedarFilesIn(dir: string): Promise<string[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith(".cedar")).sort();
  if (names.length === 0) throw new Error("the folder has no *.cedar file");
  return names.map((name) => join(dir, name));
}

async function readText(file: string): Promise<string> {
  const bytes = await readFile(file);
  if (bytes.length > maxBytes) throw new Error("the file is larger than 1 MiB");
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
}
