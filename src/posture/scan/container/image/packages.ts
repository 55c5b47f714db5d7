import { copyOf } from "../../bytes/source.ts";
import type { ImageFile } from "./file-tree.ts";
import type { Image } from "./image.ts";

/** A package that is installed in an image. */
export interface SoftwarePackage {
  readonly name: string;
  readonly version: string;
  /** `deb`, `apk`, `npm`, `pypi`: the type of its package URL. */
  readonly type: "deb" | "apk" | "npm" | "pypi";
  /** `pkg:deb/debian/openssl@3.0.11-1?arch=amd64` (https://github.com/package-url/purl-spec). */
  readonly purl: string;
  /** The file that says so. */
  readonly foundIn: string;
}

/** Databases larger than this are none that a package manager wrote. */
const maxDatabaseBytes = 64 << 20;
const maxMetadataBytes = 4 << 20;
const maxPackages = 100_000;

/** What package managers wrote down, from the file system as it is in the end; sorted, each package once. */
export function packagesOf(image: Image): SoftwarePackage[] {
  const distribution = distributionOf(image);
  const found = new Map<string, SoftwarePackage>();
  for (const file of image.tree.files()) {
    for (const { foundIn = file.path, ...one } of listed(file, distribution)) {
      if (found.size < maxPackages && !found.has(one.purl)) found.set(one.purl, { ...one, foundIn });
    }
  }
  return [...found.values()].toSorted((a, b) => (a.purl < b.purl ? -1 : 1));
}

/** Package databases that are there and that nothing here reads. */
export function unreadDatabases(image: Image): string[] {
  return [...image.tree.files()]
    .map(({ path }) => path)
    .filter((path) => /^(?:usr\/lib\/sysimage|var\/lib)\/rpm\/(?:rpmdb\.sqlite|Packages(?:\.db)?)$/.test(path));
}

type Listed = Omit<SoftwarePackage, "foundIn"> & { readonly foundIn?: string };

function listed(file: ImageFile, distribution: string): Listed[] {
  const { path } = file;
  if (file.type !== "file") return [];
  if (/^var\/lib\/dpkg\/(?:status|status\.d\/[^/]+(?<!\.md5sums))$/.test(path))
    return debian(textOf(file, maxDatabaseBytes), distribution);
  if (/^(?:lib|usr\/lib)\/apk\/db\/installed$/.test(path)) return alpine(textOf(file, maxDatabaseBytes), distribution);
  if (/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path)) return npm(textOf(file, maxMetadataBytes));
  if (/\.(?:dist-info\/METADATA|egg-info(?:\/PKG-INFO)?)$/.test(path)) return python(textOf(file, maxMetadataBytes));
  return [];
}

function textOf({ source, sizeBytes }: ImageFile, most: number): string {
  return source === undefined || sizeBytes > most ? "" : new TextDecoder().decode(copyOf(source, 0, sizeBytes));
}

/** `ID-VERSION_ID` of os-release(5), `debian-12`. */
function distributionOf({ tree }: Image): string {
  const file = [tree.get("etc/os-release"), tree.get("usr/lib/os-release")].find((one) => one?.type === "file");
  const text = file === undefined ? "" : textOf(file, 1 << 16);
  const value = (key: string): string => new RegExp(`^${key}="?([\\w.-]+)"?$`, "m").exec(text)?.[1] ?? "";
  return [value("ID"), value("VERSION_ID")].filter((part) => part !== "").join("-");
}

/** Paragraphs of `Key: value` (deb-control(5)); only what is installed. */
function debian(text: string, distribution: string): Listed[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const field = (key: string): string | undefined => new RegExp(`^${key}:[ \\t]*(.+)$`, "m").exec(paragraph)?.[1]?.trim();
    const [name, version, status] = [field("Package"), field("Version"), field("Status")];
    if (name === undefined || version === undefined || (status !== undefined && !status.endsWith(" installed"))) return [];
    const qualifiers = { arch: field("Architecture"), distro: distribution };
    return [
      {
        name,
        version,
        type: "deb",
        purl: purlOf(`deb/${distribution.split("-")[0] || "debian"}`, { name, version, qualifiers }),
      },
    ];
  });
}

/** Paragraphs of `P:` name, `V:` version, `A:` architecture. */
function alpine(text: string, distribution: string): Listed[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const field = (key: string): string | undefined => new RegExp(`^${key}:(.+)$`, "m").exec(paragraph)?.[1];
    const [name, version] = [field("P"), field("V")];
    if (name === undefined || version === undefined) return [];
    const qualifiers = { arch: field("A"), distro: distribution };
    return [
      {
        name,
        version,
        type: "apk",
        purl: purlOf(`apk/${distribution.split("-")[0] || "alpine"}`, { name, version, qualifiers }),
      },
    ];
  });
}

function npm(text: string): Listed[] {
  try {
    const { name, version } = JSON.parse(text) as Record<string, unknown>;
    if (typeof name !== "string" || typeof version !== "string" || name === "") return [];
    const cut = name.lastIndexOf("/");
    const type = cut === -1 ? "npm" : `npm/${encodeURIComponent(name.slice(0, cut))}`;
    return [{ name, version, type: "npm", purl: purlOf(type, { name: name.slice(cut + 1), version }) }];
  } catch {
    return []; // a fixture of somebody's tests: what is no JSON installs nothing
  }
}

/** Headers up to the first empty line (core metadata of PyPA). */
function python(text: string): Listed[] {
  const head = text.split(/\r?\n\r?\n/, 1)[0]!;
  const field = (key: string): string | undefined => new RegExp(`^${key}:[ \\t]*(\\S+)`, "mi").exec(head)?.[1];
  const [name, version] = [field("Name"), field("Version")];
  if (name === undefined || version === undefined) return [];
  return [{ name, version, type: "pypi", purl: purlOf("pypi", { name: name.toLowerCase().replaceAll("_", "-"), version }) }];
}

interface PurlParts {
  readonly name: string;
  readonly version: string;
  readonly qualifiers?: Readonly<Record<string, string | undefined>>;
}

function purlOf(type: string, { name, version, qualifiers = {} }: PurlParts): string {
  const pairs = Object.entries(qualifiers).filter(([, value]) => value !== undefined && value !== "");
  const query = pairs.map(([key, value]) => `${key}=${encodeURIComponent(value!)}`).join("&");
  return `pkg:${type}/${encodeURIComponent(name)}@${encodeURIComponent(version)}${query === "" ? "" : `?${query}`}`;
}
