/** Ways around a scanner, one a test: each was tried on this one. What is asked is a finding at which `scan` fails by default. */
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { scanBytes } from "./index.ts";
import { raw } from "./rules/raw.ts";
import { makeTar } from "./rules/make-tar.ts";

const bytes = (text: string): Uint8Array => raw(text)();
const text = (value: Uint8Array): string => Array.from(value, (byte) => String.fromCharCode(byte)).join("");
const u32 = (value: number): string => String.fromCharCode(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
const u64 = (value: number): string => u32(value) + u32(0);
const str = (value: string): string => `X${u32(value.length)}${value}`;

/** Gravest findings of everything in a file. */
const found = (content: string | Uint8Array, name = "file"): string[] =>
  scanBytes(typeof content === "string" ? bytes(content) : content, name).flatMap(({ path, findings }) =>
    findings.filter(({ severity }) => severity === "critical" || severity === "high").map(({ rule }) => `${path} ${rule}`),
  );

const evil = `cos\nsystem\n(${str("id")}tR.`;
const wrapper = "cjoblib.numpy_pickle\nNumpyArrayWrapper\n";
const dtype = (code: string, state = `(K\x03${str("<")}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0t`): string =>
  `cnumpy\ndtype\n${str(code)}\x89\x88\x87R${state}b`;
const state = (type: string, shape = "K\x10\x85"): string =>
  `}(${str("dtype")}${type}${str("shape")}${shape}${str("order")}${str("C")}u`;
/** Opcodes that swallow what follows as bytes, padded to the size of the array that hides them. */
const swallow = (rest: number): string => `B${u32(rest)}`;

describe("joblib, whose arrays lie between the opcodes", () => {
  const hidden = (begin: string): string => `\x80\x02${begin}${"N0".repeat(5)}N${swallow(evil.length - 1)}0${evil}`;
  const ways: Record<string, string> = {
    "made by _reconstructor": hidden(`ccopyreg\n_reconstructor\n(${wrapper}cbuiltins\nobject\nNtR${state(dtype("u1"))}b`),
    "made by __newobj__": hidden(`ccopyreg\n__newobj__\n${wrapper}\x85R${state(dtype("u1"))}b`),
    "with a two-part state": hidden(`${wrapper})\x81${state(dtype("u1"))}N\x86b`),
    "with an ordered dictionary for a state": hidden(
      `${wrapper})\x81ccollections\nOrderedDict\n)R(${str("dtype")}${dtype("u1")}u${str("x")}b`,
    ),
    "with a type that lies about its size": hidden(
      `${wrapper})\x81${state(dtype("S1", `(K\x03${str("|")}NNNK\x10K\x01K\0t`), "K\x01\x85")}b`,
    ),
    "with numbers whose flags say objects": hidden(
      `${wrapper})\x81${state(dtype("u1", `(K\x03${str("|")}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x3ft`))}b`,
    ),
    "with a state given twice": hidden(`${wrapper})\x81${state(dtype("u1"), "K\0\x85")}bq\x09}(${str("x")}Nub`),
  };
  it.for(Object.entries(ways))("hides no call behind an array %s", ([, content]) => {
    expect(found(content)).not.toEqual([]);
  });

  it("hides no call behind an array that begins inside a frame", () => {
    const inside = `${wrapper})\x81${state(dtype("u1"), `K${String.fromCharCode(evil.length)}\x85`)}b${evil}`;
    expect(found(`\x80\x04\x95${u64(inside.length)}${inside}${"\0".repeat(evil.length)}N.`)).not.toEqual([]);
  });
});

describe("an object that answers for its own methods", () => {
  const load = "ctorch.storage\n_load_from_bytes\n";
  const space = "ctypes\nSimpleNamespace\n)R";
  const ways: Record<string, string> = {
    append: `\x80\x02${space}}${str("append")}${load}sb${str("x")}a.`,
    extend: `\x80\x02${space}}${str("extend")}${load}sb(${str("x")}e.`,
    add: `\x80\x04${space}}${str("add")}${load}sb(C\x01x\x90.`,
    "__setstate__ in its dictionary": `\x80\x02${space}}${str("__setstate__")}${load}sb${str("x")}b.`,
    "__setstate__ in an ordered dictionary": `\x80\x02${space}ccollections\nOrderedDict\n)R${str("__setstate__")}${load}sb${str("x")}b.`,
    "__setstate__ in a copied dictionary": `\x80\x02${space}cbuiltins\ndict\n}${str("__setstate__")}${load}s\x85Rb${str("x")}b.`,
    "__setstate__ by a name that is made": `\x80\x02${space}}cbuiltins\nstr\n${str("__setstate__")}\x85R${load}sb${str("x")}b.`,
    "__class__ of a tensor": `\x80\x02ctorch._utils\n_rebuild_parameter_with_state\n(N\x88}}${str("__class__")}ctorch\nTensor\nstR.`,
  };
  it.for(Object.entries(ways))("is refused: %s", ([, content]) => {
    expect(found(content)).not.toEqual([]);
  });

  it("is refused when two million values before it have used up what is kept", () => {
    const filler = `(${"N".repeat(1 << 17)}l0`.repeat(17).replaceAll("l0", "e0").replaceAll("(N", "](N");
    expect(found(`\x80\x02${filler}${space}}${str("__setstate__")}${load}sb${str("x")}b.`)).not.toEqual([]);
  });
});

describe("a pickle that hides from the machine", () => {
  const big = 2n ** 60n;
  const many = `${"N.".repeat(200_001)}${evil}`;
  const ways: Record<string, string | (() => Uint8Array)> = {
    "behind the end of a frame that swallows the next pickle": `\x80\x04\x95${u64(7)}N.B${u32(evil.length)}${evil}`,
    "in a line that a frame cuts in two": `\x80\x04\x95${u64(7)}cnumpy.os\nsystem\n${str("id")}\x85R.`,
    "in a string that a frame cuts in two": `\x80\x04\x95${u64(7)}\x8c\x05numpyX\x02\0\0\0os\x8c\x06system\x93${str("id")}\x85R.`,
    "behind memo entries that only pickle.py tells apart":
      `${str("os")}p${big}\n0${str("collections")}p${big + 1n}\n0` +
      `${str("system")}p${big + 2n}\n0${str("OrderedDict")}p${big + 3n}\n0g${big}\ng${big + 2n}\n\x93${str("id")}\x85R.`,
    "behind two hundred thousand harmless ones": many,
    "in an array behind an array of numbers": `\x93NUMPY\x01\0\x3e\0{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }    \n\x05\x93NUMPY\x01\0\x3e\0{'descr': '|O', 'fortran_order': False, 'shape': (1,), }     \n${evil}`,
    "behind zeros between two gzip members": () =>
      new Uint8Array(Buffer.concat([gzipSync(Buffer.from("N.")), Buffer.alloc(100), gzipSync(bytes(evil))])),
    "behind a zlib stream": () => new Uint8Array(Buffer.concat([deflateSync(Buffer.from("N.")), bytes(evil)])),
    "in a gzip stream that breaks off": () => new Uint8Array(gzipSync(bytes(`${evil}${"x".repeat(1000)}`))).subarray(0, -20),
    "in bzip2 behind an empty stream": `BZh9\x17\x72\x45\x38\x50\x90\0\0\0\0${evil}`,
    "as the name of an extension": "\x80\x02\x82\x01)R.",
    "through a dotted name": `\x80\x04\x8c\x05torch\x8c\x0b_os.os.exec\x93.`,
    "through operator.attrgetter": `coperator\nattrgetter\n(${str("system")}tR(cos\n__builtins__\ntR.`,
    "through functools.partial": `cfunctools\npartial\n(cos\nsystem\n${str("id")}tR)R.`,
    "through getattr on an allowed module": `cbuiltins\ngetattr\n(ctorch\nTensor\n${str("__subclasses__")}tR)R.`,
    "through copyreg": `ccopyreg\n_reconstructor\n(ctypes\nCodeType\ncbuiltins\nobject\nNtR.`,
    "behind a persistent id": `${str("x")}Q(${str("id")}tcos\nsystem\n0R0${evil}`,
  };
  it.for(Object.entries(ways))("is found %s", ([, content]) => {
    expect(found(typeof content === "string" ? content : content())).not.toEqual([]);
  });
});

interface Member {
  readonly name: string;
  readonly data: string;
  readonly local?: string;
  readonly method?: number;
  readonly packed?: string;
}

/** A ZIP archive whose headers can each say something else. */
function zip(members: readonly Member[], { front = "", comment = "" } = {}): string {
  let [local, central] = [front, ""];
  for (const { name, data, local: other = name, method = 0, packed = data } of members) {
    const sizes = `${u32(packed.length)}${u32(data.length)}`;
    const middle = `${String.fromCharCode(method)}\0\0\0\0\0\0\0\0\0${sizes}`;
    central += `PK\x01\x02\x14\0\x14\0\0\0${middle}${String.fromCharCode(name.length)}\0${"\0".repeat(12)}${u32(local.length)}${name}`;
    local += `PK\x03\x04\x14\0\0\0${middle}${String.fromCharCode(other.length)}\0\0\0${other}${packed}`;
  }
  const count = `${String.fromCharCode(members.length)}\0`;
  return `${local}${central}PK\x05\x06\0\0\0\0${count}${count}${u32(central.length)}${u32(local.length)}${String.fromCharCode(comment.length)}\0${comment}`;
}

const lambda = JSON.stringify({ class_name: "Lambda", config: {}, module: "keras.layers" });
const escaped = lambda.replaceAll("_", "\\u005f").replaceAll("L", "\\u004c");

describe("an archive", () => {
  const ways: Record<string, string | Uint8Array> = {
    "with a comment, behind a picture": zip([{ name: "config.json", data: lambda }], {
      front: "GIF89a\x01\x00\x01\0",
      comment: "hello",
    }),
    "behind a picture and in front of noise": `${zip([{ name: "config.json", data: lambda }], { front: "GIF89a\x01\x00\x01\0" })}${"x".repeat(50)}`,
    "behind an array of objects": zip([{ name: "a", data: "N." }], {
      front: `\x93NUMPY\x01\0\x3e\0{'descr': '|O', 'fortran_order': False, 'shape': (1,), }     \n${evil}`,
    }),
    "in itself, four deep": zip([
      { name: "a", data: zip([{ name: "b", data: text(new Uint8Array(gzipSync(bytes(zip([{ name: "c", data: evil }]))))) }]) },
    ]),
    "with a member beside the numbers of data.pkl": zip([
      { name: "m/data.pkl", data: "N." },
      { name: "m/data/0", data: "\0\0" },
      { name: "m/data/more.pkl.gz", data: text(new Uint8Array(gzipSync(bytes(evil)))) },
    ]),
    "with two names for a member": zip([{ name: "safe.txt", local: "data.pkl", data: "hello" }]),
    "with a member packed by an unknown method": zip([{ name: "data.pkl", data: "N.", method: 97 }]),
    "with a packed member that lies about its size": zip([
      { name: "data.pkl", data: "N.", method: 8, packed: text(new Uint8Array(deflateRawSync(bytes(evil)))) },
    ]),
    "whose tar begins like a pickle": makeTar([{ name: "\x80\x02N.", data: evil }]),
    "of tar with a member of an unknown type": makeTar([{ name: "a", data: evil, type: "Z" }]),
    "of tar with a member inside a folder's bytes": makeTar([
      { name: "a", data: text(makeTar([{ name: "b", data: evil }]).subarray(0, 1024)), type: "5" },
    ]),
    "of tar behind the end of another": text(makeTar([{ name: "a", data: "N." }])) + text(makeTar([{ name: "b", data: evil }])),
    "of tar with a size hidden in a comment": text(
      makeTar([
        { name: "x", type: "x", data: "33 comment=\n12 size=512\n12 size=512\n" },
        { name: "a", data: "" },
        { name: "b", data: evil },
      ]),
    ),
    "of zstd": "\x28\xb5\x2f\xfd\0\0\0\0",
  };
  it.for(Object.entries(ways))("hides nothing %s", ([, content]) => {
    expect(found(content)).not.toEqual([]);
  });
});

describe("a description of a model", () => {
  const hdf5 = "\x89HDF\r\n\x1a\n";
  const ways: Record<string, string> = {
    "with its keys escaped, in a .keras file": zip([{ name: "config.json", data: escaped }]),
    "with its keys escaped, alone": escaped,
    "in UTF-16, in a .keras file": zip([{ name: "config.json", data: Array.from(lambda, (char) => `${char}\0`).join("") }]),
    "that is another program's as well": `{"learner":1,"model_type":"x",${lambda.slice(1)}`,
    "behind seventy thousand letters": `{"note":"${"x".repeat(70_000)}",${lambda.slice(1)}`,
    "with spaces, in HDF5": `${hdf5}${"\0".repeat(40)}{ \n "class_name" : "Lambda"}\0`,
    "with its keys escaped, in HDF5": `${hdf5}${"\0".repeat(40)}${escaped}\0`,
    "cut short, in HDF5": `${hdf5}${"\0".repeat(40)}{"class_name": "Lambda", "config": {\0`,
    "in HDF5 behind a block of its user": `${"words ".repeat(100).slice(0, 512)}${hdf5}${lambda}\0`,
    "in the metadata of a SavedModel": `\x0a\x40\x12\x04root${lambda}`,
    "behind 64 KiB of text": `${"words\n".repeat(12_000)}\0\x80\x02${evil}`,
    "of a SavedModel with its fields turned round": "\x12\x12\x12\x10\x0a\x0e\x0a\x01n\x12\x09WriteFile\x08\x01",
    "of TorchScript behind a comment": zip([
      { name: "m/constants.pkl", data: "N." },
      { name: "m/code/a.py", data: '# notes\ndef f(x):\n  return ops.aten . from_file("/etc/passwd")\n' },
    ]),
  };
  it.for(Object.entries(ways))("is read %s", ([, content]) => {
    expect(found(content)).not.toEqual([]);
  });
});
