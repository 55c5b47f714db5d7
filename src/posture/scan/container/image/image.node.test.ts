import { gzipSync } from "node:zlib";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { digestOf, utf8 } from "../../../../base/crypto/index.ts";
import { scanBytes, scanPath } from "../../index.node.ts";
import type { ScannedTarget } from "../../index.node.ts";
import { imageFiles, latin1, makeImage } from "../../rules/make-image.ts";
import { makeTar } from "../../rules/make-tar.ts";

const scratch = mkdtempSync(join(tmpdir(), "modelkeep-image-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const evil = "cos\nsystem\n(S'id'\ntR.";
const scan = (bytes: Uint8Array, options = {}): ScannedTarget[] => scanBytes(bytes, "image.tar", options);
const rulesOf = (targets: readonly ScannedTarget[]): string[] =>
  targets.flatMap(({ findings }) => findings.map(({ rule }) => rule));
const gzipped = (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes));

/** What `docker save` wrote before it wrote OCI layouts. */
function saved(layers: readonly Uint8Array[]): Uint8Array {
  const config = JSON.stringify({
    config: { User: "1" },
    rootfs: { type: "layers", diff_ids: layers.map((one) => digestOf(one)) },
  });
  const name = `${digestOf(utf8(config)).slice(7)}.json`;
  const paths = layers.map((_, i) => `${String(i).repeat(64)}/layer.tar`);
  const manifest = JSON.stringify([{ Config: name, RepoTags: ["app:1"], Layers: paths }]);
  return makeTar([
    ...layers.map((layer, i) => ({ name: paths[i]!, data: latin1(layer) })),
    { name, data: config },
    { name: "manifest.json", data: manifest },
  ]);
}

describe("an image in a file", () => {
  it("is recognised by what it holds, and its models are targets of their own", () => {
    const bytes = makeImage({
      layers: [
        [
          { name: "opt/model.bin", data: evil },
          { name: "bin/sh", data: "\x7fELF\x02" },
        ],
      ],
    });
    const [image, layer, model, ...rest] = scan(bytes);
    expect(image).toMatchObject({ path: "image.tar", kind: "image", status: "scanned", findings: [] });
    expect(layer!.kind).toBe("image-layer");
    expect(model!.path).toMatch(/^image\.tar!blobs\/sha256\/[0-9a-f]{64}!opt\/model\.bin$/);
    expect(model!.findings.map(({ severity }) => severity)).toContain("critical");
    expect(rest).toEqual([]); // a program is no finding
  });

  it("is read as docker save writes it, too", () => {
    const layer = makeTar([{ name: "usr/bin/tool", data: "x", mode: 0o4755 }]);
    const [image] = scan(saved([layer]));
    expect(image!.kind).toBe("image");
    expect(image!.findings).toMatchObject([{ rule: "container/image-setuid", evidence: "/usr/bin/tool", scope: "app:1" }]);
  });

  it("is found in a folder and behind gzip", () => {
    const image = {
      layers: [gzipped(makeTar([{ name: "a", data: "x", mode: 0o666 }]))],
      diffIds: [digestOf(makeTar([{ name: "a", data: "x", mode: 0o666 }]))],
    };
    for (const [name, data] of Object.entries(imageFiles(image))) {
      mkdirSync(dirname(join(scratch, "layout", name)), { recursive: true });
      writeFileSync(join(scratch, "layout", name), Buffer.from(data, "latin1"));
    }
    const folder = [...scanPath(join(scratch, "layout"))];
    expect(folder.map(({ kind }) => kind)).toEqual(["image", "image-layer"]);
    expect(rulesOf(folder)).toEqual(["container/image-world-writable"]);
    expect(rulesOf(scan(gzipped(makeImage(image))))).toEqual(["container/image-world-writable"]);
  });

  it("is the same by any packing of its layers, whatever their media type says", () => {
    const tar = makeTar([{ name: "etc/shadow", data: "x", mode: 0o4777 }]);
    // The zstd frame is of one raw block: magic, a header with a size of eight bytes, the block, no checksum.
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(tar.length));
    const block = Buffer.alloc(3);
    block.writeUIntLE((tar.length << 3) | 1, 0, 3);
    const zstd = new Uint8Array(Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0]), size, block, tar]));
    const plain = rulesOf(scan(makeImage({ layers: [tar] })));
    expect(plain).toEqual(["container/image-setuid", "container/image-world-writable"]);
    for (const packed of [gzipped(tar), zstd])
      expect(rulesOf(scan(makeImage({ layers: [packed], diffIds: [digestOf(tar)] })))).toEqual(plain);
  });
});

describe("layers", () => {
  it("replace and delete, and what they hide is still told of when it is a secret", () => {
    const token = `token=hf_${"a1B2".repeat(10)}`;
    const layers = [
      [
        { name: "app/config", data: token },
        { name: "app/tool", data: "x", mode: 0o4755 },
      ],
      [
        { name: "app/.wh.config", data: "" },
        { name: "app/tool", data: "x", mode: 0o755 },
      ],
    ];
    const [image] = scan(makeImage({ layers }));
    expect(image!.findings).toHaveLength(1);
    expect(image!.findings[0]).toMatchObject({ rule: "container/image-secret", severity: "high", evidence: "/app/config" });
    expect(image!.findings[0]!.message).toContain("a later layer deletes");
  });

  it("a whiteout acts on layers below only, and an opaque folder keeps its own files", () => {
    const tool = { data: "x", mode: 0o4755 };
    const [image] = scan(
      makeImage({
        layers: [
          [{ name: "a/old", ...tool }],
          [
            { name: "a/new", ...tool },
            { name: "a/.wh..wh..opq", data: "" },
            { name: "a/.wh.new", data: "" },
          ],
        ],
      }),
    );
    expect(image!.findings.map(({ evidence }) => evidence)).toEqual(["/a/new"]);
  });
});

describe("a hostile image", () => {
  it("that is missing a layer, or breaks off, has failed", () => {
    const files = imageFiles({ layers: [[{ name: "a", data: "x" }]] });
    const without = Object.entries(files).filter(([name, data]) => !name.startsWith("blobs/") || !data.startsWith("a\0"));
    const [missing] = scan(makeTar(without.map(([name, data]) => ({ name, data }))));
    expect(missing).toMatchObject({
      kind: "image",
      status: "failed",
      findings: [{ rule: "container/unparsed", severity: "high" }],
    });
    const packed = gzipped(makeTar([{ name: "a", data: Buffer.from(digestOf(utf8("x")).repeat(50)).toString() }]));
    const [cut] = scan(makeImage({ layers: [packed.subarray(0, packed.length - 40)] }));
    expect(cut!.status).toBe("failed");
  });

  it("that is a bomb is refused within the limits of the scan", () => {
    const bomb = gzipped(new Uint8Array(32 << 20));
    const [image] = scan(makeImage({ layers: [bomb] }), { limits: { maxTotalUnpackedBytes: 1 << 20 } });
    expect(image).toMatchObject({ status: "failed" });
    expect(rulesOf([image!])).toContain("container/refused");
  });

  it("never crashes the scan, and is never clean, with any byte changed", () => {
    const image = makeImage({ layers: [gzipped(makeTar([{ name: "opt/m", data: evil }]))] });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: image.length - 1025 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = image.slice();
        changed[at] = changed[at]! ^ flip;
        const targets = scan(changed);
        expect(targets.length).toBeGreaterThan(0);
        expect(targets.some(({ status, findings }) => status === "failed" || findings.length > 0)).toBe(true);
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});

describe("the packages of an image", () => {
  const image = makeImage({
    layers: [
      [
        { name: "etc/os-release", data: 'ID=debian\nVERSION_ID="12"\n' },
        {
          name: "var/lib/dpkg/status",
          data: "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9+deb12u4\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n",
        },
        { name: "app/node_modules/@a/b/package.json", data: '{"name":"@a/b","version":"1.2.3"}' },
        {
          name: "usr/lib/python3/dist-packages/Foo_Bar-2.dist-info/METADATA",
          data: "Metadata-Version: 2.1\nName: Foo_Bar\nVersion: 2.0\n\nName: no\n",
        },
        { name: "lib/apk/db/installed", data: "P:musl\nV:1.2.4-r2\nA:x86_64\n\n" },
      ],
    ],
  });

  it("are listed where they are asked for, as package URLs", () => {
    const [target] = scan(image, { packages: true });
    expect(target!.packages!.map(({ purl }) => purl)).toEqual([
      "pkg:apk/debian/musl@1.2.4-r2?arch=x86_64&distro=debian-12",
      "pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12",
      "pkg:npm/%40a/b@1.2.3",
      "pkg:pypi/foo-bar@2.0",
    ]);
    expect(scan(image)[0]!.packages).toBeUndefined();
  });
});
