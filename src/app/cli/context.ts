import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { userInfo } from "node:os";
import type { z } from "zod";
import type { Actor, EvidenceSink, Receipt } from "../../base/evidence/index.ts";
import type { Tree } from "../../base/config/index.ts";
import type { Logger } from "../../base/log/index.ts";
import type { InputOf, Operation, evidenceAdd } from "../api/index.ts";
import type { HostConfig, OpenServices } from "../host/index.ts";
import type { Output } from "./output.ts";
import { api, host, logRoom } from "./rooms.ts";

/** What a command gets: its printer, the configuration, and a way to ask the keep. */
export interface Context {
  readonly output: Output;
  config(): Promise<HostConfig>;
  /**
   * Runs an operation in the service that holds the state folder, or here when none does.
   *
   * @throws what the operation throws
   */
  ask<Input extends z.ZodType, Out>(operation: Operation<Input, Out>, input: z.input<Input>): Promise<Out>;
  /** The log of the state folder, for commands that work without one: undefined where no folder is configured and none is there. */
  evidence(): Promise<EvidenceSink | undefined>;
  /** Who the evidence names for what is done at this machine's command line. */
  readonly by: Actor;
  /** Lines on standard error, as the configuration wants them. */
  logger(log: HostConfig["value"]["log"]): Promise<Logger>;
  /** Closes what {@link ask} opened. */
  close(): Promise<void>;
}

export interface ContextFlags {
  readonly config?: string;
  readonly state?: string;
  readonly logLevel?: string;
}

/** Flags that become configuration, with the name they are reported under. */
export interface FlagValues {
  readonly tree: Tree;
  readonly names: ReadonlyMap<string, string>;
}

export function createContext(output: Output, flags: ContextFlags, more: FlagValues = { tree: {}, names: new Map() }): Context {
  const by: Actor = { principal: `local:${userInfo().username}` };
  let loading: Promise<HostConfig> | undefined;
  let opened: Promise<OpenServices> | undefined;

  const load = async (): Promise<HostConfig> => {
    const { loadHostConfig } = await host();
    return loadHostConfig({ file: flags.config, flags: withCommon(flags, more) });
  };
  const config = (): Promise<HostConfig> => (loading ??= load());
  const open = async (): Promise<OpenServices> =>
    (await host()).openServices(await config(), (await logRoom()).createLogger({ level: "warn" }));

  async function ask<Input extends z.ZodType, Out>(operation: Operation<Input, Out>, input: z.input<Input>): Promise<Out> {
    const { callAdmin, runOperation } = await api();
    const socket = opened === undefined ? await adminSocket((await config()).stateDir) : undefined;
    if (socket !== undefined) return (await callAdmin(socket, operation.id, input)) as Out;
    opened ??= open();
    const services = await opened;
    // The same round through JSON as over the socket, so that a command cannot tell the two apart.
    const value = await runOperation(operation as Operation<Input, Out>, services, { input, by });
    return JSON.parse(JSON.stringify(value ?? null)) as Out;
  }

  async function evidence(): Promise<EvidenceSink | undefined> {
    const { stateDir, explain } = await config();
    const told = explain().some(({ path, origin }) => path === "state" && origin.kind !== "default");
    if (!told && !existsSync(stateDir)) return undefined;
    return {
      append: async (entry): Promise<Receipt> => ask((await api()).evidenceAdd, entry as InputOf<typeof evidenceAdd>),
    };
  }

  return {
    output,
    by,
    config,
    ask,
    evidence,
    logger: async ({ level, format }) =>
      (await logRoom()).createLogger({ level, format: format === "auto" ? (process.stderr.isTTY ? "text" : "json") : format }),
    close: async () => void (await (await opened?.catch(() => undefined))?.close()),
  };
}

/** The admin socket of the process that holds the folder; waits a little for one that is starting. */
async function adminSocket(stateDir: string): Promise<string | undefined> {
  const { currentHolder } = await host();
  for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 100) {
    const holder = await currentHolder(join(stateDir, "lock"));
    if (holder === undefined) return undefined;
    if (holder.socket !== undefined) return holder.socket;
    await sleep(100);
  }
  return undefined; // opening the folder now says who holds it
}

function withCommon(flags: ContextFlags, { tree, names }: FlagValues): FlagValues {
  const common: [string, string, unknown][] = [];
  if (flags.state !== undefined) common.push(["state", "--state", flags.state]);
  if (flags.logLevel !== undefined) common.push(["log", "--log-level", { level: flags.logLevel }]);
  return {
    tree: { ...tree, ...Object.fromEntries(common.map(([key, , value]) => [key, value])) },
    names: new Map([...names, ...common.map(([key, flag]): [string, string] => [key, flag])]),
  };
}
