// Packs a release and signs all of it with our own `sign`: tarball, bill of materials, provenance, deployment files.
//
//   node tools/release.mjs --out release/ --key pkcs11:… [--certificates chain.pem] [--passphrase env:PIN] [--source git+https://…] [--builder URI]
//     [--config modelkeep.yaml] [--no-build] [--allow-dirty]
//
// Nothing is published. docs/guide/release.md says how somebody else verifies what lies in the folder afterwards.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const root = join(import.meta.dirname, "..");
const { values: flags } = parseArgs({
  options: {
    out: { type: "string" },
    key: { type: "string" },
    certificates: { type: "string", multiple: true, default: [] },
    passphrase: { type: "string" },
    config: { type: "string" },
    source: { type: "string" },
    builder: { type: "string", default: "https://modelkeep.dev/builders/workstation" },
    "no-build": { type: "boolean", default: false },
    "allow-dirty": { type: "boolean", default: false },
  },
});

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(4);
}

if (flags.out === undefined || flags.key === undefined) fail("give --out and --key");
const out = resolve(flags.out);
if (existsSync(out) && readdirSync(out).length > 0) fail(`${flags.out} is not empty: a release is made from nothing`);

const git = (...words) => {
  const { status, stdout } = spawnSync("git", words, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
};
const started = new Date().toISOString();
const commit = git("rev-parse", "HEAD");
const isClean = commit !== undefined && git("status", "--porcelain") === "";
if (!isClean && !flags["allow-dirty"]) fail("the work tree is not what a commit says: provenance would name the wrong source");
const committed = new Date(Number(git("show", "-s", "--format=%ct", "HEAD") ?? Date.now() / 1000) * 1000).toISOString();

if (!flags["no-build"]) execFileSync(process.execPath, [join(root, "tools/build.mjs")], { stdio: "inherit" });
const { attestPath, openSigner, signPath } = await import("../dist/app/api/sign/index.js");
const { releaseBom } = await import("./release-bom.mjs");

const { key, certificates, passphrase } = flags;
const signer = { key, certificates, passphrase, ...(key.startsWith("kms:") && { named: await configured() }) };
await (await openSigner(signer)).close(); // a wrong key is told before anything is made

mkdirSync(out, { recursive: true });
const packed = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", out], {
  cwd: root,
  encoding: "utf8",
});
const [{ filename, name, version }] = JSON.parse(packed);
const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
const at = (file) => join(out, file);
const write = (file, value) => writeFileSync(at(file), `${JSON.stringify(value, null, 2)}\n`);
const tarball = { name: filename, digest: sha256(at(filename)) };

const lockFile = join(root, "package-lock.json");
const bomFile = `${name}-${version}.cdx.json`;
write(bomFile, releaseBom({ lock: JSON.parse(readFileSync(lockFile, "utf8")), tarball, timestamp: committed }));
const provenanceFile = `${name}-${version}.provenance.json`;
write(provenanceFile, provenance());
const deployFolder = `${name}-${version}-deploy`;
cpSync(join(root, "deploy"), at(deployFolder), { recursive: true });

const signed = [];
for (const file of [filename, bomFile, deployFolder]) signed.push(await signPath({ path: at(file), ...signer }));
for (const [type, predicate] of [
  ["slsaprovenance", provenanceFile],
  ["cyclonedx", bomFile],
])
  await attestPath({ path: at(filename), type, predicate: at(predicate), ...signer });
process.stdout.write(
  `${JSON.stringify({ version, commit, tarball, key: signed[0].key, files: readdirSync(out).toSorted() }, null, 2)}\n`,
);

/** The keys of modelkeep.yaml. */
async function configured() {
  const { loadHostConfig } = await import("../dist/app/host/index.js");
  const { value, baseDir } = await loadHostConfig({ file: flags.config });
  return { keys: value.keys, baseDir };
}

/** SLSA provenance v1 (slsa.dev/spec/v1.0/provenance): what was built, from what, by whom. The level is what the builder can claim, and no more. */
function provenance() {
  const uri = flags.source === undefined ? {} : { uri: flags.source };
  const source = commit === undefined ? [] : [{ name: "source", ...uri, digest: { gitCommit: commit } }];
  return {
    buildDefinition: {
      buildType: "https://modelkeep.dev/build/npm-pack/v1",
      externalParameters: { command: "npm pack --ignore-scripts", version, sourceIsClean: isClean },
      internalParameters: { node: process.version },
      resolvedDependencies: [...source, { name: "package-lock.json", digest: { sha256: sha256(lockFile) } }],
    },
    runDetails: {
      source: { type: "string" },
      builder: { id: flags.builder },
      metadata: { startedOn: started, finishedOn: new Date().toISOString() },
      byproducts: [{ name: bomFile, digest: { sha256: sha256(at(bomFile)) } }],
    },
  };
}
