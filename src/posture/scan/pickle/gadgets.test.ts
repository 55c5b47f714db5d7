/** Calls that the list allows, put together to something that it does not; each was tried on this scanner. */
import { describe, expect, it } from "vitest";
import { scanBytes } from "../scan-bytes.ts";
import { raw } from "../rules/raw.ts";

const bytes = (text: string): Uint8Array => raw(text)();
const u32 = (value: number): string => String.fromCharCode(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
const str = (value: string): string => `X${u32(value.length)}${value}`;
const evil = `cos\nsystem\n(${str("id")}tR.`;

/** Findings at which `scan` fails by default. */
const found = (content: string): string[] =>
  scanBytes(bytes(content), "file").flatMap(({ findings }) =>
    findings.filter(({ severity }) => severity === "critical" || severity === "high").map(({ rule }) => rule),
  );

describe("a loader that is allowed because what it loads is looked into", () => {
  const load = "ctorch.storage\n_load_from_bytes\n";
  const packed = `B${u32(evil.length)}${evil}`;
  const ways: Record<string, string> = {
    "to a constructor that calls it": `\x80\x03cnumpy.random._pickle\n__generator_ctor\n${packed}${load}\x86R.`,
    "to another constructor that calls it": `\x80\x03cnumpy.random._pickle\n__randomstate_ctor\n${packed}${load}\x86R.`,
    "as the method of a namespace (Python 3.13)": `\x80\x03ctypes\nSimpleNamespace\n}${str("__setstate__")}${load}s\x85R${packed}b.`,
    "to a transformer": `\x80\x03csklearn.preprocessing._function_transformer\nFunctionTransformer\n)\x81}${str("func")}${load}sb.`,
    "as a hook": `\x80\x03ctorch.nn.modules.container\nSequential\n)\x81}${str("_forward_pre_hooks")}}K\0${load}ssb.`,
    "in a list": `\x80\x03]${load}a.`,
    "in a set": `\x80\x04\x8f(${load}\x90.`,
    "out of the memo": `\x80\x03${load}q\0${packed}\x85R0]h\0a.`,
  };
  it.for(Object.entries(ways))("is not handed on %s", ([, content]) => {
    expect(found(content)).not.toEqual([]);
  });

  it("may be called as often as there are tensors", () => {
    const once = `B${u32(2)}N.\x85R`;
    expect(found(`\x80\x03(${load}q\0${once}h\0${once}l.`)).toEqual([]);
  });
});

describe("a pickle that never ends", () => {
  const pairs = Array.from(
    { length: 40 },
    (_, i) => `h${String.fromCharCode(i)}h${String.fromCharCode(i)}\x86q${String.fromCharCode(i + 1)}0`,
  );
  const ways: Record<string, string> = {
    "to hash a key": `\x80\x02)q\0${pairs.join("")}}h\x28Ns.`,
    "to hash what a set holds": `\x80\x04)q\0${pairs.join("")}\x8f(h\x28\x90.`,
    "to raise a fraction to its power": `cfractions\nFraction\n(${str("1e9999999999")}tR.`,
    "to write out a range": `cbuiltins\nlist\n(cbuiltins\nrange\n(I1000000000000\ntRtR.`,
  };
  it.for(Object.entries(ways))("is refused: %s", ([, content]) => {
    const findings = scanBytes(bytes(content), "file").flatMap((target) => target.findings);
    expect(findings.filter(({ severity }) => severity !== "low" && severity !== "info")).not.toEqual([]);
  });
});
