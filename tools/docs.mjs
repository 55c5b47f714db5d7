// `npm run docs` writes docs/reference from the code: error codes, configuration, commands. `--check` fails when a page is stale.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";

const root = join(import.meta.dirname, "..");
const src = join(root, "src");

/** `code → what it means`, from every `interface ErrorCodes` in the sources. */
export function declaredCodes() {
  const codes = new Map();
  for (const path of readdirSync(src, { recursive: true }).filter(
    (name) => name.endsWith("errors.ts") || name.endsWith("error/error.ts"),
  )) {
    const text = readFileSync(join(src, path), "utf8");
    const { program } = parseSync(path, text);
    for (const body of interfaces(program.body)) {
      for (const member of body) codes.set(member.key.value, member.typeAnnotation.typeAnnotation.literal.value);
    }
  }
  return new Map([...codes].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function interfaces(nodes) {
  return nodes.flatMap((node) => {
    if (node.type === "ExportNamedDeclaration" && node.declaration) return interfaces([node.declaration]);
    if (node.type === "TSModuleDeclaration") return interfaces(node.body.body);
    return node.type === "TSInterfaceDeclaration" && node.id.name === "ErrorCodes" ? [node.body.body] : [];
  });
}

const generated = "Generated from the code by `npm run docs`; do not edit.";

function errorsPage() {
  const rows = [...declaredCodes()].map(([code, about]) => `| \`${code}\` | ${about} |`);
  return `# Error codes\n\n${generated}\n\nEvery error has a code, one line and mostly a hint. Over HTTP the body is \`{"error", "code", "hint", "request_id"}\`.\n\n| code | what it means |\n|---|---|\n${rows.join("\n")}\n`;
}

async function configPage() {
  const { configJsonSchema } = await import("../dist/base/config/index.js");
  const { modelkeepConfig } = await import("../dist/app/host/index.js");
  const rows = [...keysOf(configJsonSchema(modelkeepConfig), "")].map(
    ({ path, type, fallback, about }) =>
      `| \`${path}\` | ${type} | ${fallback === undefined ? "–" : `\`${JSON.stringify(fallback)}\``} | ${about} |`,
  );
  return `# Configuration\n\n${generated}\n\n\`modelkeep.yaml\`; a flag wins over a variable (\`MODELKEEP_GATEWAY__PORT\`), a variable over the file, the file over the user's file, that over the default. \`modelkeep config explain\` prints what holds and why; \`modelkeep config schema\` prints the JSON Schema.\n\n| key | takes | default | means |\n|---|---|---|---|\n${rows.join("\n")}\n`;
}

function* keysOf(node, path) {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const at = path === "" ? name : `${path}.${name}`;
    if (child.properties !== undefined) yield* keysOf(child, at);
    else
      yield {
        path: at,
        type: typeOf(child).replaceAll("|", "\\|"),
        fallback: child.default,
        about: (child.description ?? "").replaceAll("|", "\\|"),
      };
    const items = [child.items, ...(child.items?.anyOf ?? [])].find((item) => item?.properties !== undefined);
    if (items !== undefined) yield* keysOf(items, `${at}[]`);
    if (child.additionalProperties?.properties !== undefined) yield* keysOf(child.additionalProperties, `${at}.<name>`);
  }
}

function typeOf(node) {
  if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(" | ");
  if (node.type === "array") return `list of ${typeOf(node.items ?? {})}`;
  if (node.type === "object" && node.additionalProperties) return "mapping";
  return node.type ?? "any";
}

async function commandsPage() {
  const { all } = await import("../dist/app/cli/commands/_all.js");
  const sections = all
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, title, examples }) => `## modelkeep ${id}\n\n${title}\n\n\`\`\`\n${examples.join("\n")}\n\`\`\`\n`);
  return `# Commands\n\n${generated}\n\nEach has \`--help\`, \`--json\`, \`--config\`, \`--state\`, \`--log-level\`. Exit codes: 0 passed · 1 findings or not verified · 2 failed · 3 nothing was checked · 4 usage.\n\n${sections.join("\n")}`;
}

async function gradientsPage() {
  const { lossNames, supportedOperators } = await import("../dist/model/autodiff/index.js");
  const all = supportedOperators();
  const count = (how) => all.filter((item) => item.how === how).length;
  const rows = all.map(
    ({ op, versions, how, note }) => `| ${op} | ${versions.join(" ")} | ${how} | ${note.replaceAll("|", "\\|")} |`,
  );
  const summary = `${all.length} operators: ${count("rule")} with a rule, ${count("composed")} composed of others, ${count("zero")} with a derivative of zero by construction, ${count("none")} refused with a reason.`;
  return `# Gradients\n\n${generated}\n\nOperators of ONNX's standard domain, operator sets 9 to 24, and whether \`modelkeep gradient\` goes through them. ${summary} Losses: ${lossNames.map((name) => `\`${name}\``).join(", ")}.\n\n| operator | changed in set | gradient | note |\n|---|---|---|---|\n${rows.join("\n")}\n`;
}

async function attacksPage() {
  const { attacks } = await import("../dist/lab/attack/index.node.js");
  const needs = { gradient: "the model itself", scores: "scores", decisions: "labels" };
  const aims = { radius: "a wrong answer within each radius", distance: "the nearest wrong answer", nothing: "everyday damage" };
  const sections = attacks.all.map(({ id, title, params }) => {
    const rows = Object.entries(params.shape).map(([name, type]) => {
      const { defaultValue, innerType } = type.def;
      const about = type.description ?? innerType?.description ?? "";
      return `| \`${name}\` | ${defaultValue === undefined ? "–" : `\`${JSON.stringify(defaultValue)}\``} | ${about} |`;
    });
    return `## ${id}\n\n${title}.\n${rows.length === 0 ? "" : `\n| parameter | default | means |\n|---|---|---|\n${rows.join("\n")}\n`}`;
  });
  const rows = attacks.all.map(
    ({ id, title, needs: need, aim, norms, targeted, classes, references }) =>
      `| [${id}](#${id}) | ${title} | ${needs[need]} | ${aims[aim]} | ${norms.join(" ")} | ${targeted ? "yes" : "no"} | ${classes} | ${references.join(", ")} |`,
  );
  return `# Attacks\n\n${generated}\n\n${rows.length} attacks; [the guide](../guide/attacks.md) says how they are run. Transfer from a surrogate is \`transferFrom\`.\n\n| id | attack | needs | looks for | norms | targeted | classes | sources |\n|---|---|---|---|---|---|---|---|\n${rows.join("\n")}\n\n${sections.join("\n")}`;
}

async function rulesPage() {
  const { families, rules } = await import("../dist/posture/scan/index.js");
  const sections = families.map((family) => {
    const rows = rules.all
      .filter(({ id }) => id.startsWith(`${family}/`))
      .map(({ id, title, severity, fix, references }) =>
        [`\`${id}\``, severity, title, fix, references.join(" ")].map((cell) => cell.replaceAll("|", "\\|")).join(" | "),
      );
    return `## ${family}\n\n| rule | severity | fires on | fix | references |\n|---|---|---|---|---|\n${rows.map((row) => `| ${row} |`).join("\n")}\n`;
  });
  return `# Rules of scan\n\n${generated}\n\n${rules.all.length} rules; [the guide](../guide/scan.md) says how they are run. The severity is the gravest unless a finding says otherwise. CIS benchmarks by id only. Beside these, whatever keeps a file from being looked at is a finding: \`<family>/unparsed\`, \`refused\`, \`unrecognised\`, \`unreadable\`, \`link\`, \`damaged\`, \`changed-while-read\`.\n\n${sections.join("\n")}`;
}

const pages = {
  "errors.md": errorsPage(),
  "config.md": await configPage(),
  "commands.md": await commandsPage(),
  "gradients.md": await gradientsPage(),
  "attacks.md": await attacksPage(),
  "rules.md": await rulesPage(),
};
const check = process.argv.includes("--check");
let stale = 0;
for (const [name, text] of Object.entries(pages)) {
  const file = join(root, "docs/reference", name);
  let before;
  try {
    before = readFileSync(file, "utf8");
  } catch {}
  if (before === text) continue;
  stale++;
  if (check) console.error(`docs/reference/${name} is stale: run \`npm run docs\``);
  else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
process.exit(check && stale > 0 ? 1 : 0);
