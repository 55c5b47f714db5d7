import { serviceHit, servicesOf } from "../../container/compose.ts";
import { defineRule } from "../../define.ts";
import { at, listAt, textAt } from "../../k8s/fields.ts";

const grave = /^(?:\/|\/(?:etc|root|proc|sys|boot|dev|usr|var\/lib\/(?:docker|kubelet|containerd)|var\/run|run)(?:\/.*)?)$/;
const compose = (volume: string) => `services:\n  a:\n    image: a:1\n    volumes:\n      - ${volume}\n`;

export const composeHostMount = defineRule({
  id: "container/compose-host-mount",
  title: "No service holds the machine's engine or system folders",
  severity: "critical",
  why: "through the engine's socket or the system's folders a container becomes root on the machine",
  fix: "take the mount away; use a named volume",
  references: ["cis:5.6", "cis:5.32", "attack:T1611", "cwe:250"],
  subject: "compose",
  *check(file) {
    for (const service of servicesOf(file)) {
      for (const [i, volume] of listAt(service.value, "volumes").entries()) {
        const source = typeof volume === "string" ? volume.split(":")[0]! : (textAt(volume, "source") ?? "");
        if (!grave.test(source) || source === "/etc/localtime" || source === "/etc/timezone") continue;
        const readOnly = typeof volume === "string" ? /:ro\b/.test(volume) : at(volume, "read_only") === true;
        const severity = readOnly && !source.endsWith(".sock") ? "high" : "critical";
        yield serviceHit(file, service, { field: ["volumes", i], message: `it mounts the machine's ${source}`, severity });
      }
    }
  },
  fixtures: {
    bad: [
      { name: "compose.yaml", content: compose("/var/run/docker.sock:/var/run/docker.sock:ro") },
      { name: "long.yaml", content: compose("{type: bind, source: /etc, target: /host}") },
    ],
    good: [{ name: "compose.yaml", content: compose("data:/data") }],
  },
});
