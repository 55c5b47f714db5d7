import { describe, expect, it } from "vitest";
import { escapeText, isModelkeepError, ModelkeepError, nearest, quote, toModelkeepError } from "./index.ts";

describe("ModelkeepError", () => {
  it("is recognised by its brand even when it comes from another copy of the class", () => {
    const foreign = Object.assign(new Error("x"), { [Symbol.for("modelkeep.error")]: true });
    expect(isModelkeepError(foreign)).toBe(true);
    expect(isModelkeepError(new Error("x"))).toBe(false);
    expect(isModelkeepError(null)).toBe(false);
  });

  it("shows code, message and hint to the outside, never the cause or a stack", () => {
    const error = new ModelkeepError("internal/unexpected", { message: "m", hint: "h", cause: new Error("secret") });
    expect(JSON.stringify(error)).toBe('{"code":"internal/unexpected","message":"m","hint":"h"}');
  });

  it("wraps what is not ours without repeating its text", () => {
    const wrapped = toModelkeepError(new Error("password=hunter2"));
    expect(wrapped.code).toBe("internal/unexpected");
    expect(JSON.stringify(wrapped)).not.toContain("hunter2");
    expect((wrapped.cause as Error).message).toBe("password=hunter2");
  });
});

describe("text from outside", () => {
  it.for([
    ["\u001b[2J", "\\u001b[2J"],
    ["a\r\nb", "a\\u000d\\u000ab"],
    ["\u202egnp.exe", "\\u202egnp.exe"],
    ["\ud800", "\\ud800"],
    ["naïve 猫 😀", "naïve 猫 😀"],
  ])("cannot drive a terminal or forge a line: %j", ([raw, safe]) => {
    expect(escapeText(raw!)).toBe(safe);
  });

  it("cannot close the backticks around it", () => {
    expect(quote("a`b")).toBe("`a\\u0060b`");
  });
});

describe("nearest", () => {
  it("finds the name a typo meant, a swap counting once, and nothing when nothing is near", () => {
    expect(nearest("gatewya", ["gateway", "access"])).toBe("gateway");
    expect(nearest("prot", ["port", "host"])).toBe("port");
    expect(nearest("zzzz", ["gateway"])).toBeUndefined();
  });
});
