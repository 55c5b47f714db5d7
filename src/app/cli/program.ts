import { Command as Commander, CommanderError } from "commander";
import { toModelkeepError } from "../../base/error/index.ts";
import { version } from "../../base/port/index.node.ts";
import { all } from "./commands/_all.ts";
import { createContext } from "./context.ts";
import type { ContextFlags } from "./context.ts";
import type { Command, Exit } from "./define.ts";
import { flagValues } from "./flag-values.ts";
import { createOutput } from "./output.ts";
import type { Streams } from "./output.ts";

const groupTitles: Readonly<Record<string, string>> = {
  keys: "create, list, rotate and revoke keys",
  audit: "verify, search and export the log",
  bans: "list, set and lift bans",
  policy: "test and explain who may do what",
  model: "make models",
  models: "list and reload what is served",
  config: "explain the configuration",
};

const exitCodes = "exit codes: 0 passed · 1 findings or not verified · 2 failed · 3 nothing was checked · 4 usage";

/**
 * Runs one command line.
 *
 * @returns the exit code; nothing is thrown.
 */
export async function runCommandLine(argv: readonly string[], streams: Streams): Promise<Exit> {
  let exit: Exit = 0;
  const program = new Commander("modelkeep")
    .description("Serve a model behind a firewall, credentials and policies, with a log that an outsider can verify.")
    .version(version, "-V, --version")
    .addHelpText(
      "after",
      `\nstart here:\n  modelkeep serve model.onnx\n  modelkeep keys create --principal alice --role caller\n\n${exitCodes}`,
    );
  program.enablePositionalOptions(); // `policy explain --version 2` is not `modelkeep --version`
  quieten(program, streams);
  const groups = new Map<string, Commander>();
  const [named = ""] = argv;
  const known = new Set(all.map(({ id }) => id.split(" ", 1)[0]));
  for (const command of all) {
    const [first, second] = command.id.split(" ") as [string, string?];
    const parent = second === undefined ? program : group(program, groups, { name: first, streams });
    const leaf = parent.command(second ?? first).description(command.title);
    quieten(leaf, streams);
    if (first === named || !known.has(named)) declare(leaf, command); // the flags of 30 commands take longer than most of them
    leaf.action(async () => {
      exit = await execute(command, leaf, streams);
    });
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 4;
    // A word that a flag does not take is refused while the line is read, before any command runs.
    createOutput(streams, argv.includes("--json")).error(error);
    return toModelkeepError(error).exit;
  }
  return exit;
}

function group(
  program: Commander,
  groups: Map<string, Commander>,
  { name, streams }: { name: string; streams: Streams },
): Commander {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const made = program.command(name).description(groupTitles[name] ?? name);
  quieten(made, streams);
  groups.set(name, made);
  return made;
}

function declare(leaf: Commander, command: Command): void {
  command.declare?.(leaf);
  leaf
    .option("--json", "print JSON on standard output, messages on standard error")
    .option("--config <file>", "configuration file (default: modelkeep.yaml here, if there is one)")
    .option("--state <dir>", "state folder (default: .modelkeep beside the configuration)")
    .option("--log-level <level>", "debug, info, warn, error or silent")
    .addHelpText("before", `${command.examples.map((line) => `  ${line}`).join("\n")}\n`);
}

async function execute(command: Command, leaf: Commander, streams: Streams): Promise<Exit> {
  const flags = leaf.opts<ContextFlags & { json?: boolean }>();
  const output = createOutput(streams, flags.json === true);
  const context = createContext(output, flags, flagValues(leaf));
  try {
    return await command.run(context, { args: leaf.processedArgs as string[], flags: leaf.opts() });
  } catch (error) {
    output.error(error);
    return toModelkeepError(error).exit;
  } finally {
    await context.close().catch((error: unknown) => output.error(error));
  }
}

/** Commander's own words go where our streams are, and it throws instead of leaving the process. */
function quieten(command: Commander, { stdout, stderr }: Streams): void {
  command
    .exitOverride()
    .helpCommand(false)
    .configureOutput({ writeOut: (text) => void stdout.write(text), writeErr: (text) => void stderr.write(text) })
    .showHelpAfterError("(run the command with --help for examples)");
}
