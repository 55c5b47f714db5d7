// The bill of materials of our own package: what `npm ci --omit=dev` installs, from the lock file, as CycloneDX 1.6.
import { bomDocument } from "../dist/app/report/bom/document.js";

/** The document. `lock` is the lock file's value, `tarball` the packed file's name and digest. */
export function releaseBom({ lock, tarball, timestamp }) {
  const own = lock.packages[""];
  const installed = Object.entries(lock.packages).filter(([path, { dev, peer, link }]) => path !== "" && !dev && !peer && !link);
  const components = new Map();
  for (const [path, entry] of installed) {
    const component = componentOf(path, entry);
    if (!components.has(component.purl)) components.set(component.purl, component);
  }
  const ref = `pkg:npm/${own.name}@${own.version}`;
  const needs = (from, names) => names.map((name) => refOf(lock, from, name)).filter((one) => components.has(one));
  const dependsOn = new Map([[ref, needs("", Object.keys(own.dependencies ?? {}))]]);
  for (const [path, { dependencies = {}, optionalDependencies = {} }] of installed)
    dependsOn.set(purlAt(lock, path), needs(path, Object.keys({ ...dependencies, ...optionalDependencies })));
  return bomDocument({
    subject: {
      type: "application",
      "bom-ref": ref,
      name: own.name,
      version: own.version,
      purl: ref,
      hashes: [{ alg: "SHA-256", content: tarball.digest }],
      ...licensed(own.license),
      properties: [{ name: "modelkeep:file", value: tarball.name }],
    },
    components: [...components.values()].toSorted((a, b) => (a.purl < b.purl ? -1 : 1)),
    dependsOn,
    toolVersion: own.version,
    timestamp,
  });
}

const nameOf = (path) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
const purl = (name, version) => `pkg:npm/${name.replace("@", "%40")}@${version}`;
const purlAt = (lock, path) => purl(nameOf(path), lock.packages[path].version);

/** Where Node finds a package from a folder: in it, else in one above. */
function refOf(lock, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lock.packages[path] !== undefined) return purlAt(lock, path);
    if (folder === "") return undefined;
  }
}

function componentOf(path, { version, integrity, license, optional }) {
  const name = nameOf(path);
  const [algorithm, base64] = (integrity ?? "").split("-");
  return {
    type: "library",
    "bom-ref": purl(name, version),
    name,
    version,
    purl: purl(name, version),
    scope: optional === true ? "optional" : "required",
    ...(algorithm === "sha512" && { hashes: [{ alg: "SHA-512", content: Buffer.from(base64, "base64").toString("hex") }] }),
    ...licensed(license),
  };
}

/** npm's field is an SPDX expression, or a word of somebody's own. */
const licensed = (license) =>
  license === undefined
    ? {}
    : { licenses: [/^[\w.+() -]+$/.test(license) ? { expression: license } : { license: { name: license } }] };
