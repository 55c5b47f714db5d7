/** The product as its users start it: `node bin/modelkeep.js serve …` as a process of its own, and its command line beside it. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";

export const bin = join(import.meta.dirname, "../../bin/modelkeep.js");

/** An environment in which nothing of the developer's own configuration is found. */
export function cleanEnv(home: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: home, LC_ALL: "C.UTF-8", TMPDIR: tmpdir(), ...more };
}

export interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface HouseOptions {
  /** Written as `modelkeep.yaml` (JSON is YAML). */
  readonly config?: object;
  readonly env?: NodeJS.ProcessEnv;
}

export interface KeepOptions {
  /** Words after `serve`; `--port 0 --json` are always there. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Put before the command: `["prlimit", "--fsize=…"]`. */
  readonly wrap?: readonly string[];
}

interface Ready {
  readonly event: "ready";
  readonly url: string;
  readonly state: string;
  readonly firstKey: string | null;
  readonly models: readonly { readonly name: string; readonly version: string; readonly isolation: string }[];
  readonly startMs: number;
  readonly pid: number;
}

/** A folder that an operator stands in, and what they do there. Close it. */
export function openHouse({ config, env = {} }: HouseOptions = {}) {
  const dir = mkdtempSync(join(tmpdir(), "modelkeep-serve-"));
  const children = new Set<ChildProcess>();
  const file = join(dir, "modelkeep.yaml");
  const configure = (value: object): void => writeFileSync(file, JSON.stringify(value));
  if (config !== undefined) configure(config);

  /** Runs a command to its end. */
  function cli(...words: string[]): Said {
    return spawnSync(process.execPath, [bin, ...words], {
      cwd: dir,
      env: cleanEnv(dir, env),
      encoding: "utf8",
      timeout: 120_000,
      killSignal: "SIGKILL", // a service that should not have started would take its time over SIGTERM
      maxBuffer: 256 << 20,
    });
  }

  /** Runs a command beside others. */
  async function run(...words: string[]): Promise<Said> {
    const child = spawn(process.execPath, [bin, ...words], {
      cwd: dir,
      env: cleanEnv(dir, env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.add(child);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const [status] = (await once(child, "close")) as [number | null];
    children.delete(child);
    return { status, stdout, stderr };
  }

  /** The JSON that a command prints, which must end well. */
  function json<T>(...words: string[]): T {
    const { status, stdout, stderr } = cli(...words, "--json");
    expect(`${status} ${stderr}`).toMatch(/^0 /);
    return JSON.parse(stdout) as T;
  }

  /** Starts the service without waiting for it. */
  function launch({ args = [], env: more = {}, wrap = [] }: KeepOptions = {}) {
    const words = [...wrap, process.execPath, bin, "serve", "--port", "0", "--json", ...args];
    const child = spawn(words[0]!, words.slice(1), {
      cwd: dir,
      env: cleanEnv(dir, { ...env, ...more }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.add(child);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const exited = once(child, "close").then(([code, signal]) => {
      children.delete(child);
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
    const ready = new Promise<Ready>((resolve, reject) => {
      child.stdout.on("data", () => stdout.includes("\n") && resolve(JSON.parse(stdout.split("\n")[0]!) as Ready));
      void exited.then(({ code, signal }) => reject(new Error(`serve ended with ${code ?? signal}: ${stderr}`)));
    });
    ready.catch(() => {});
    return {
      child,
      exited,
      ready,
      stdout: () => stdout,
      stderr: () => stderr,
      /** A signal, and then its end. */
      async end(signal: NodeJS.Signals = "SIGTERM") {
        child.kill(signal);
        return exited;
      },
    };
  }

  /** Starts the service and waits until it takes requests. */
  async function serve(options: KeepOptions = {}) {
    const launched = launch(options);
    const ready = await launched.ready;
    const { port } = new URL(ready.url);
    const keyFile = join(ready.state, "first-key");
    const key = existsSync(keyFile) ? readFileSync(keyFile, "utf8").trim() : "";
    return { ...launched, ...ready, port: Number(port), key };
  }

  return {
    dir,
    file,
    stateDir: join(dir, ".modelkeep"),
    configure,
    path: (...names: string[]) => join(dir, ...names),
    cli,
    run,
    json,
    launch,
    serve,
    /** A new key, as the command makes it. */
    key: (role: string, ...words: string[]): { readonly id: string; readonly key: string } =>
      json("keys", "create", "--principal", `${role}-of-test`, "--role", role, ...words),
    async close() {
      await Promise.all(
        [...children].map(async (child) => {
          const gone = once(child, "close");
          child.kill("SIGKILL");
          await gone;
        }),
      );
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export type House = ReturnType<typeof openHouse>;
export type RunningKeep = Awaited<ReturnType<House["serve"]>>;

/** A digit, all pixels `value`, as a request of the protocol. */
export function digitRequest(value = 0.5, rows = 1): string {
  const data = Array.from({ length: rows * 784 }, () => value);
  return JSON.stringify({ inputs: [{ name: "input", datatype: "FP32", shape: [rows, 1, 28, 28], data }] });
}

export interface Asked {
  readonly url: string;
  readonly key?: string | undefined;
  readonly model?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** One inference over HTTP, on a connection of its own: commands block this process, and meanwhile an idle connection would end. */
export function infer({ url, key, model = "digits", body = digitRequest(), headers = {}, signal }: Asked): Promise<Response> {
  return fetch(`${url}/v2/models/${model}/infer`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      connection: "close",
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What a terminal would obey instead of printing, or show in another place: C0 but line feeds, DEL, C1, line separators, text direction. */
export function unprintable(text: string): string[] {
  const isUnprintable = (code: number): boolean =>
    (code < 0x20 && code !== 0x0a) ||
    (code >= 0x7f && code <= 0x9f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    code === 0x200e ||
    code === 0x200f;
  return [...text].filter((character) => isUnprintable(character.codePointAt(0)!)).map((character) => JSON.stringify(character));
}
