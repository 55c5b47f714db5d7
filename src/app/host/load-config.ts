import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { environmentLayer, fileLayer, flagLayer, loadConfig } from "../../base/config/index.node.ts";
import type { Explained, Layer, Tree } from "../../base/config/index.ts";
import { modelkeepConfig } from "./config.ts";
import type { ModelkeepConfig } from "./config.ts";

export interface ConfigSources {
  /** `--config`; without it `modelkeep.yaml` of the current folder, if there is one. */
  readonly file?: string | undefined;
  /** Values that flags set, and which flag set each path. */
  readonly flags?: { readonly tree: Tree; readonly names: ReadonlyMap<string, string> };
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

export interface HostConfig {
  readonly value: ModelkeepConfig;
  /** Absolute path of the file that was read. */
  readonly file: string | undefined;
  /** Folder that relative paths of the configuration start from: the file's, or the current one. */
  readonly baseDir: string;
  /** Absolute path of the state folder. */
  readonly stateDir: string;
  explain(): Explained[];
}

/** Variables of our prefix that are not configuration. */
const notConfiguration = new Set(["MODELKEEP_CONFIG", "MODELKEEP_DEBUG"]);

/**
 * The effective configuration: flag over environment over project file over user file over default.
 *
 * @throws `config/*` with file and line, or the variable's or flag's name.
 * @example
 * const { value, stateDir } = await loadHostConfig({ file: "modelkeep.yaml" });
 */
export async function loadHostConfig(sources: ConfigSources = {}): Promise<HostConfig> {
  const { env = process.env, cwd = process.cwd(), flags } = sources;
  const named = sources.file ?? env["MODELKEEP_CONFIG"];
  const beside = join(cwd, "modelkeep.yaml");
  const file = named === undefined ? (existsSync(beside) ? beside : undefined) : resolve(cwd, named);
  const user = join(env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "modelkeep", "config.yaml");

  const layers: Layer[] = [];
  if (existsSync(user)) layers.push(await fileLayer("user", user));
  if (file !== undefined) layers.push(await fileLayer("project", file));
  layers.push(environmentLayer(env, notConfiguration));
  if (flags !== undefined) layers.push(flagLayer(flags.tree, flags.names));

  const { value, explain } = loadConfig(modelkeepConfig, layers);
  const baseDir = file === undefined ? cwd : dirname(file);
  // A path given as a flag is meant from where the person stands, one in the file from where the file lies.
  const fromFlag = flags !== undefined && Object.hasOwn(flags.tree, "state");
  return { value, file, baseDir, stateDir: resolve(fromFlag ? cwd : baseDir, value.state), explain };
}
