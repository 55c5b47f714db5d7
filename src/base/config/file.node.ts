import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { text as readStream } from "node:stream/consumers";
import { ModelkeepError, quote } from "../error/index.ts";
import type {} from "./errors.ts";
import type { Layer } from "./layers.ts";
import { secretReference } from "./secret.ts";
import { parseConfigText } from "./parse.ts";

/** A configuration file as a layer. @throws `config/not-found`, `config/not-yaml` */
export async function fileLayer(kind: "user" | "project", path: string): Promise<Layer> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new ModelkeepError("config/not-found", {
      message: `the configuration ${quote(path)} cannot be read: ${quote((cause as Error).message)}`,
      hint: "give its path with `--config`, or leave the flag out to run without one",
      exit: 4,
      cause,
    });
  }
  const parsed = parseConfigText(text, path);
  return { kind, tree: parsed.tree, where: parsed.where };
}

export interface SecretPlaces {
  /** Folder that a relative `file:PATH` starts from: the configuration's; the current one by default. */
  readonly baseDir?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The secret behind a reference, without a trailing line break.
 *
 * @throws `config/bad-secret` when the file or variable is missing or empty; the message never holds the secret.
 */
export async function readSecret(reference: string, { baseDir = ".", env = process.env }: SecretPlaces = {}): Promise<string> {
  const fail = (why: string, cause?: unknown): never => {
    throw new ModelkeepError("config/bad-secret", {
      message: `the secret ${quote(reference)} ${why}`,
      hint: "a secret is given as `file:PATH`, `env:NAME` (the variable's name) or `stdin`",
      exit: 4,
      cause,
    });
  };
  // Whoever gives the secret itself is not shown it again, in a message that may be logged.
  if (!secretReference.safeParse(reference).success) {
    throw new ModelkeepError("config/bad-secret", {
      message: "this takes a reference, never the key itself or another secret",
      hint: "give `file:PATH`, `env:NAME` (the variable's name) or `stdin`",
      exit: 4,
    });
  }
  const raw = await read(reference, { baseDir, env }).catch((cause: unknown) => fail("cannot be read", cause));
  const secret = raw?.replace(/\r?\n$/, "");
  return secret === undefined || secret === "" ? fail("is empty or not set") : secret;
}

async function read(reference: string, { baseDir, env }: Required<SecretPlaces>): Promise<string | undefined> {
  if (reference.startsWith("file:")) return readFile(resolve(baseDir, reference.slice("file:".length)), "utf8");
  if (reference.startsWith("env:")) return env[reference.slice("env:".length)];
  if (reference === "stdin") return readStream(process.stdin);
  return undefined;
}
