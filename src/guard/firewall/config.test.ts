import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { firewallConfig } from "./index.ts";

describe("the section firewall:", () => {
  it("is complete when it is left out", () => {
    const config = firewallConfig.parse({});
    expect(config.proxies).toEqual({ trusted: [], header: "x-forwarded-for" });
    expect(config.limits.stranger).toEqual({ perSecond: 50, burst: 100 });
    expect(config.bans.lengthsSeconds).toEqual([60, 300, 1800, 21_600, 86_400]);
    expect(config.shared).toBeUndefined();
  });

  it("takes a rate without a burst as one that holds two seconds' worth, not as the default's burst", () => {
    const config = firewallConfig.parse({ limits: { principal: { requests: { perSecond: 5 } } } });
    expect(config.limits.principal.requests).toEqual({ perSecond: 5 });
  });

  it.for([
    { block: ["10.0.0.1/8"] },
    { allow: ["everyone"] },
    { limits: { principal: { request: { perSecond: 1 } } } },
    { limits: { stranger: { perSecond: 0 } } },
    { shared: { url: "redis://:secret@host" } },
    { proxies: { header: "cf-connecting-ip" } },
  ])("refuses %j", (section) => {
    expect(firewallConfig.safeParse(section).success).toBe(false);
  });

  it("takes every example of its guide", () => {
    const guide = readFileSync(new URL("../../../docs/guide/firewall.md", import.meta.url), "utf8");
    const examples = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map((match) => parseYaml(match[1]!) as { firewall: unknown });
    expect(examples.length).toBeGreaterThan(3);
    for (const { firewall } of examples) expect(() => firewallConfig.parse(firewall)).not.toThrow();
  });

  it("describes every key", () => {
    const undescribed: string[] = [];
    const visit = (node: { properties?: Record<string, object>; description?: string }, path: string) => {
      for (const [key, child] of Object.entries(node.properties ?? {})) {
        if (!("description" in child)) undescribed.push(`${path}${key}`);
        visit(child, `${path}${key}.`);
      }
    };
    visit(z.toJSONSchema(firewallConfig, { io: "input" }) as object, "");
    expect(undescribed).toEqual([]);
  });
});
