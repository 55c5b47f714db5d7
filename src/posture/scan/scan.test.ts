import { gzipSync } from "node:zlib";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { scanBytes, scanPath } from "./index.node.ts";

const scratch = mkdtempSync(join(tmpdir(), "modelkeep-scan-test-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const raw = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const severities = (bytes: Uint8Array): string[] =>
  scanBytes(bytes, "file").flatMap(({ findings }) => findings.map(({ severity }) => severity));

const name = (text: string): string => `\x8c${String.fromCharCode(text.length)}${text}`;
const callables = [
  "os system",
  "posix system",
  "builtins eval",
  "builtins exec",
  "subprocess Popen",
  "runpy run_path",
  "functools partial",
  "operator attrgetter",
  "builtins getattr",
  "builtins map",
  "importlib import_module",
  "pickle loads",
  "torch.hub load",
  "numpy load",
  "torch load",
  "types CodeType",
  "collections namedtuple",
  "unknown_package thing",
  "scipy.stats.distributions rv_frozen",
  "sklearn.datasets fetch_openml",
].map((pair) => pair.split(" ") as [string, string]);
const routes: Record<string, (module: string, callable: string) => string> = {
  reduce: (m, n) => `c${m}\n${n}\n(S'id'\ntR.`,
  inst: (m, n) => `(S'id'\ni${m}\n${n}\n.`,
  obj: (m, n) => `\x80\x02(c${m}\n${n}\nU\x02ido.`,
  newobj: (m, n) => `\x80\x02c${m}\n${n}\n)\x81.`,
  newobjEx: (m, n) => `\x80\x04${name(m)}${name(n)}\x93)}\x92.`,
  stackGlobal: (m, n) => `\x80\x04${name(m)}${name(n)}\x93${name("id")}\x85R.`,
  memo: (m, n) => `\x80\x04${name(m)}\x940${name(n)}\x940h\x00h\x01\x93${name("id")}\x85R.`,
  dotted: (m, n) => `\x80\x04${name("torch")}${name(`_.${m}.${n}`)}\x93${name("id")}\x85R.`,
  second: (m, n) => `\x80\x02N.\x80\x02c${m}\n${n}\nU\x02id\x85R.`,
  broken: (m, n) => `\x80\x02c${m}\n${n}\nU\x02id\x85R\xff`,
  importOnly: (m, n) => `\x80\x02c${m}\n${n}\n.`,
  build: (m, n) => `\x80\x02c${m}\n${n}\n)\x81}b.`,
};
const zipped = (content: string): string => {
  const size = `${String.fromCharCode(content.length)}\0\0\0`;
  const head = `\x14\0\0\0\0\0\0\0\0\0\0\0\0\0${size}${size}\x01\0\0\0`;
  return `PK\x03\x04${head}x${content}PK\x01\x02\x14\0${head.slice(0, -2)}\0\0${"\0".repeat(12)}xPK\x05\x06\0\0\0\0\x01\0\x01\0\x2f\0\0\0${String.fromCharCode(31 + content.length)}\0\0\0\0\0`;
};
const containers: Record<string, (content: string) => Uint8Array> = {
  plain: raw,
  gzip: (content) => new Uint8Array(gzipSync(raw(content))),
  twice: (content) => new Uint8Array(gzipSync(gzipSync(raw(content)))),
  zip: (content) => raw(zipped(content)),
  cutGzip: (content) => new Uint8Array(gzipSync(raw(content))).subarray(0, -8),
  numpy: (content) => raw(`\x93NUMPY\x01\0\x35\0{'descr': '|O', 'shape': (1,), 'fortran_order': F}  \n${content}`),
  behindNone: (content) => raw(`N0${content}`),
  before: (content) => raw(`${content}${"\0".repeat(1000)}`),
  gif: (content) => raw(`GIF89a\x01\x00\x01${content}`),
};

describe("a scan", () => {
  it("calls none of every callable by every route in every container clean", () => {
    const clean: string[] = [];
    let count = 0;
    for (const [module, callable] of callables)
      for (const [route, make] of Object.entries(routes))
        for (const [container, wrap] of Object.entries(containers)) {
          count++;
          const found = severities(wrap(make(module, callable)));
          if (!found.some((one) => one === "high" || one === "critical"))
            clean.push(`${module}.${callable} ${route} ${container}`);
        }
    expect(count).toBeGreaterThanOrEqual(2000);
    expect(clean).toEqual([]);
  });

  it("flags nothing in what PyTorch writes", () => {
    // Made once by test/interop/python/benign_files.py: modules, state dicts, checkpoints, tensors of every type, TorchScript, old and new.
    const targets = [...scanPath(join(import.meta.dirname, "../../../test/fixtures/scan/torch.zip"))];
    expect(targets.filter(({ kind }) => /^(pytorch|pytorch-legacy|torchscript|pickle)$/.test(kind)).length).toBeGreaterThan(150);
    expect(targets.flatMap(({ path, findings }) => findings.map(({ rule, message }) => `${path}: ${rule} ${message}`))).toEqual(
      [],
    );
  });

  it("names links that go round or nowhere, and goes on", () => {
    symlinkSync(".", join(scratch, "round"));
    symlinkSync("nowhere", join(scratch, "nowhere"));
    writeFileSync(join(scratch, "a.pkl"), "N.");
    const targets = [...scanPath(scratch)];
    expect(targets.map(({ path, status }) => [path.slice(scratch.length + 1), status])).toEqual([
      ["a.pkl", "scanned"],
      ["nowhere", "failed"],
      ["round", "failed"],
    ]);
  });

  it("looks at a sparse file of ten gigabytes without reading it whole", () => {
    const path = join(scratch, "sparse");
    writeFileSync(path, raw("\x80\x04\x8e\0\0\0\x40\x02\0\0\0"));
    truncateSync(path, 10 * 2 ** 30);
    expect([...scanPath(path)][0]?.status).toBe("failed");
    chmodSync(path, 0o600);
    rmSync(path);
  });
});
