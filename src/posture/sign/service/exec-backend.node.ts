/** A key that a program speaks for: one JSON request on its standard input, one JSON answer on its standard output (docs/guide/keys.md). */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { quote } from "../../../base/error/index.ts";
import { fromBase64, toBase64 } from "../../../base/crypto/index.ts";
import { z } from "zod";
import { serviceError } from "./backend.ts";
import type { KeyBackend } from "./backend.ts";
import type { ExecConfig } from "./config.ts";

export const execProtocol = "modelkeep.dev/key/v1";

const maxAnswerBytes = 1 << 20;
const answerSchema = z.object({
  publicKey: z.string().optional(),
  signature: z.string().optional(),
  data: z.string().optional(),
});
type Answer = z.output<typeof answerSchema>;

export function execBackend({ key, env, timeoutMs, ...config }: ExecConfig, baseDir: string): KeyBackend {
  const [program = "", ...words] = config.command;
  // A path is meant from the configuration, a bare name from PATH.
  const command = { program: program.includes("/") ? resolve(baseDir, program) : program, words, env, timeoutMs, cwd: baseDir };
  const id = `exec/${key}`;
  const ask = async <Field extends keyof Answer>(field: Field, request: object): Promise<string> => {
    const said = await run(command, JSON.stringify({ protocol: execProtocol, key, ...request }), id);
    const value = answerOf(said, id)[field];
    if (value === undefined) throw serviceError(id, `it answers without \`${field}\``);
    return value;
  };
  const bytes = (text: string): Uint8Array => {
    try {
      return fromBase64(text);
    } catch (cause) {
      throw serviceError(id, "it answers with what is not base64", cause);
    }
  };
  return {
    id,
    publicKey: () => ask("publicKey", { operation: "public-key" }),
    sign: async ({ algorithm, message, digest }) => {
      const what = digest === undefined ? { message: toBase64(message) } : { digest: toBase64(digest) };
      return bytes(await ask("signature", { operation: "sign", algorithm, ...what }));
    },
    wrap: async (plain) => bytes(await ask("data", { operation: "wrap", data: toBase64(plain) })),
    unwrap: async (wrapped) => bytes(await ask("data", { operation: "unwrap", data: toBase64(wrapped) })),
  };
}

function answerOf(text: string, id: string): Answer {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw serviceError(id, "it answers with what is not the protocol's JSON", cause);
  }
}

interface Command extends Pick<ExecConfig, "env" | "timeoutMs"> {
  readonly program: string;
  readonly words: readonly string[];
  /** The configuration's folder. */
  readonly cwd: string;
}

/** The program gets no variable that was not named: other secrets of ours lie there. */
function environment(names: readonly string[]): NodeJS.ProcessEnv {
  const given = ["PATH", "HOME", ...names].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}

function run({ program, words, env, timeoutMs, cwd }: Command, input: string, id: string): Promise<string> {
  return new Promise((done, reject) => {
    const child = spawn(program, words, {
      cwd,
      env: environment(env),
      stdio: ["pipe", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    let complaint = "";
    child.stdout.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > maxAnswerBytes) child.kill("SIGKILL");
      else chunks.push(chunk);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint = (complaint + text).slice(0, 2_000)));
    child.stdin.on("error", () => {}); // it may end before it has read
    child.stdin.end(`${input}\n`);
    child.on("error", (cause) =>
      reject(
        serviceError(
          id,
          `${quote(program, 160)} cannot be run: ${(cause as NodeJS.ErrnoException).code ?? "unknown cause"}`,
          cause,
        ),
      ),
    );
    child.on("close", (status, signal) => {
      if (status === 0 && sizeBytes <= maxAnswerBytes) return done(Buffer.concat(chunks).toString("utf8"));
      const said = complaint.split("\n").find((line) => line.trim() !== "");
      const ended =
        sizeBytes > maxAnswerBytes
          ? "it answers without end"
          : signal === null
            ? `it ended with ${status}`
            : `it took longer than ${timeoutMs} ms`;
      reject(serviceError(id, said === undefined ? ended : `${ended}: ${quote(said, 160)}`));
    });
  });
}
