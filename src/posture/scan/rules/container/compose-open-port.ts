import { serviceHit, servicesOf } from "../../container/compose.ts";
import { defineRule } from "../../define.ts";
import { at, listAt, textAt } from "../../k8s/fields.ts";

/** Ports of stores and dashboards that ask nobody who they are, or are asked by scanners all day. */
const inner = new Set(["2375", "5432", "3306", "6379", "27017", "9200", "11211", "8888", "8265", "5000", "6006", "2379", "9000"]);
const compose = (port: string) => `services:\n  a:\n    image: a:1\n    ports: [${port}]\n`;

export const composeOpenPort = defineRule({
  id: "container/compose-open-port",
  title: "Ports are published on the address that needs them",
  severity: "low",
  why: "a published port is open on every address of the machine, past most host firewalls",
  fix: "write 127.0.0.1 before the port, or leave it to the compose network",
  references: ["cis:5.13", "attack:T1133", "https://docs.docker.com/engine/network/packet-filtering-firewalls/"],
  subject: "compose",
  *check(file) {
    for (const service of servicesOf(file)) {
      for (const [i, port] of listAt(service.value, "ports").entries()) {
        const text = typeof port === "object" ? "" : String(port).replace(/\/(?:tcp|udp)$/, "");
        const parts = text.split(":");
        const target = typeof port === "object" ? String(at(port, "target") ?? "") : parts.at(-1)!;
        const address =
          typeof port === "object" ? textAt(port, "host_ip") : parts.length > 2 ? parts.slice(0, -2).join(":") : undefined;
        if (address !== undefined && address !== "0.0.0.0" && address !== "[::]") continue;
        if (parts.length === 1 && typeof port !== "object" && !inner.has(target)) continue; // a port of the engine's choice
        const message = `port ${target} is open on every address of the machine`;
        yield serviceHit(file, service, { field: ["ports", i], message, ...(inner.has(target) ? { severity: "medium" } : {}) });
      }
    }
  },
  fixtures: {
    bad: [{ name: "compose.yaml", content: compose('"6379:6379"') }],
    good: [{ name: "compose.yaml", content: compose('"127.0.0.1:6379:6379"') }],
  },
});
