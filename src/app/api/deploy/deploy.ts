import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseDocument, stringify } from "yaml";
import type { Explained, Tree } from "../../../base/config/index.ts";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";
import { placeSecrets } from "./secrets.ts";

/** What `deploy` writes. */
export const deployKinds = ["helm", "systemd", "compose"] as const;

export type DeployKind = (typeof deployKinds)[number];

export interface DeployRequest {
  readonly kind: DeployKind;
  /** Folder to write into; files that are there already are not touched. */
  readonly out: string;
  /** The effective configuration, value by value. */
  readonly explained: readonly Explained[];
  /** `repository:tag` or `repository@sha256:…`. */
  readonly image?: string | undefined;
  /** Replace files that are there. */
  readonly force?: boolean;
}

export interface Deployment {
  readonly files: readonly string[];
  /** Names of the secrets that the operator must provide. */
  readonly secrets: readonly string[];
}

const assets = fileURLToPath(new URL("../../../../deploy", import.meta.url));
const secretFolders: Readonly<Record<DeployKind, string>> = {
  helm: "/run/secrets/modelkeep",
  compose: "/run/secrets",
  systemd: "/run/credentials/modelkeep.service",
};

/**
 * Writes manifests for this very service: its configuration, with state, models and secrets where the kind of deployment keeps them.
 *
 * @throws `api/deploy-exists` when a file is there already
 * @example
 * await deploy({ kind: "helm", out: "deploy", explained: loaded.explain() });
 */
export async function deploy({ kind, out, explained, image, force = false }: DeployRequest): Promise<Deployment> {
  const { tree, names } = placeSecrets(chosen(explained), secretFolders[kind]);
  const port = Number(explained.find(({ path }) => path === "gateway.port")?.value ?? 8080);
  const files = new Map<string, string>();
  for (const path of await readdir(join(assets, kind), { recursive: true, withFileTypes: true })) {
    if (!path.isFile()) continue;
    const inside = join(path.parentPath, path.name).slice(join(assets, kind).length + 1);
    files.set(inside, await readFile(join(assets, kind, inside), "utf8"));
  }
  for (const [name, text] of fill[kind](files, { tree, names, port, image })) files.set(name, text);
  for (const name of files.keys()) await refuseExisting(join(out, name), force);
  for (const [name, text] of files) {
    await mkdir(dirname(join(out, name)), { recursive: true });
    await writeFile(join(out, name), text, { flag: force ? "w" : "wx" });
  }
  return { files: [...files.keys()].toSorted().map((name) => join(out, name)), secrets: names };
}

interface Filling {
  readonly tree: Tree;
  readonly names: readonly string[];
  readonly port: number;
  readonly image: string | undefined;
}

const fill: Readonly<Record<DeployKind, (files: ReadonlyMap<string, string>, filling: Filling) => [string, string][]>> = {
  helm(files, { tree, names, port, image }) {
    const values = parseDocument(files.get("values.yaml")!);
    values.set("config", tree);
    values.set("port", port);
    if (names.length > 0) values.set("secretName", "modelkeep-secrets");
    if (image !== undefined) {
      const [, repository = image, tag = "", digest = ""] = /^(.*?)(?::([^/:@]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(image) ?? [];
      for (const [key, value] of Object.entries({ repository, tag, digest })) values.setIn(["image", key], value);
    }
    return [["values.yaml", values.toString({ lineWidth: 0 })]];
  },
  compose(files, { tree, names, port, image }) {
    const file = parseDocument(files.get("compose.yaml")!);
    const service = ["services", "modelkeep"];
    if (image !== undefined) file.setIn([...service, "image"], image);
    file.setIn([...service, "ports", 0], `127.0.0.1:${port}:${port}`);
    const probe = file.getIn([...service, "healthcheck", "test", 3]) as string;
    file.setIn([...service, "healthcheck", "test", 3], probe.replace(":8080/", `:${port}/`));
    if (names.length > 0) {
      file.setIn([...service, "secrets"], names);
      file.set("secrets", Object.fromEntries(names.map((name) => [name, { file: `./secrets/${name}` }])));
    }
    return [
      ["compose.yaml", file.toString({ lineWidth: 0 })],
      ["modelkeep.yaml", settings(tree, { host: "0.0.0.0", models: true })],
    ];
  },
  systemd(files, { tree, names }) {
    const unit = files.get("modelkeep.service")!;
    const credentials = names.map((name) => `LoadCredential=${name}:/etc/modelkeep/secrets/${name}\n`).join("");
    return [
      ["modelkeep.service", unit.replace("\nDynamicUser=", `${credentials === "" ? "" : `\n${credentials}`}\nDynamicUser=`)],
      ["modelkeep.yaml", settings(tree, {})],
    ];
  },
};

/** The settings that somebody chose: files, variables and flags, not defaults. */
function chosen(explained: readonly Explained[]): Tree {
  const tree: Record<string, unknown> = {};
  for (const { path, value, origin } of explained) {
    if (origin.kind === "default" || path === "state") continue;
    const steps = path.split(".");
    let parent = tree;
    for (const step of steps.slice(0, -1)) parent = (parent[step] ??= {}) as Record<string, unknown>;
    parent[steps.at(-1)!] = value;
  }
  return tree as Tree;
}

/** `modelkeep.yaml` of a machine or a container. */
function settings(tree: Tree, { host, models = false }: { readonly host?: string; readonly models?: boolean }): string {
  const { gateway, models: served, ...rest } = tree as Record<string, object | undefined>;
  return stringify({
    state: "/var/lib/modelkeep",
    gateway: { ...gateway, ...(host === undefined ? {} : { host }) },
    ...(models ? { models: { ...served, serve: ["/models"] } } : served === undefined ? {} : { models: served }),
    ...rest,
  });
}

async function refuseExisting(path: string, force: boolean): Promise<void> {
  const there = await readFile(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== "ENOENT" && error.code !== "ENOTDIR",
  );
  if (!there || force) return;
  throw new ModelkeepError("api/deploy-exists", {
    message: `${quote(path, 160)} is there already`,
    hint: "give another folder with --out, or --force to replace the files",
    exit: 4,
  });
}
