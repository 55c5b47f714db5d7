import { describe, expect, it } from "vitest";
import { createClosers } from "./closers.ts";

describe("what was opened", () => {
  it("is closed in reverse order, once, and a second call waits for the first", async () => {
    const order: string[] = [];
    const thing = (name: string) => ({ name, close: async () => void order.push(name) });
    const opened = createClosers();
    expect(opened.add(thing("store")).name).toBe("store");
    opened.add(thing("audit"));
    opened.add(thing("gateway"));
    await Promise.all([opened.close(), opened.close()]);
    expect(order).toEqual(["gateway", "audit", "store"]);
  });

  it("is closed to the last even when one of them fails, and the first failure is told", async () => {
    const order: string[] = [];
    const opened = createClosers();
    opened.add({ close: async () => void order.push("store") });
    opened.add({ close: () => Promise.reject(new Error("disk full")) });
    opened.add({ close: () => Promise.reject(new Error("socket gone")) });
    await expect(opened.close()).rejects.toThrow("socket gone");
    expect(order).toEqual(["store"]);
  });
});
