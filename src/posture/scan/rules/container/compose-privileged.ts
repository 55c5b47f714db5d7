import { serviceHit, servicesOf } from "../../container/compose.ts";
import { defineRule } from "../../define.ts";
import { at, listAt } from "../../k8s/fields.ts";

const usual = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(" "),
);
const compose = (lines: string) => `services:\n  a:\n    image: a:1\n    ${lines}\n`;

export const composePrivileged = defineRule({
  id: "container/compose-privileged",
  title: "No service is privileged, in the host's namespaces or unconfined",
  severity: "critical",
  why: "each of these is a way from the container to root on the machine",
  fix: "take it away; give the one device or capability that is needed",
  references: ["cis:5.5", "cis:5.4", "attack:T1611", "cwe:250"],
  subject: "compose",
  *check(file) {
    for (const service of servicesOf(file)) {
      const { value } = service;
      if (at(value, "privileged") === true)
        yield serviceHit(file, service, { field: ["privileged"], message: "it is privileged" });
      if (at(value, "build", "privileged") === true)
        yield serviceHit(file, service, { field: ["build", "privileged"], message: "its build is privileged" });
      for (const field of ["network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup"]) {
        if (at(value, field) === "host")
          yield serviceHit(file, service, { field: [field], message: `${field} is the host's`, severity: "high" });
      }
      for (const [i, option] of listAt(value, "security_opt").entries()) {
        if (!/(?:seccomp|apparmor|systempaths)[:=]unconfined|label[:=]disable/.test(String(option))) continue;
        yield serviceHit(file, service, {
          field: ["security_opt", i],
          message: `it asks for ${String(option)}`,
          severity: "high",
        });
      }
      for (const [i, capability] of listAt(value, "cap_add").entries()) {
        const name = String(capability).toUpperCase().replace(/^CAP_/, "");
        if (!usual.has(name))
          yield serviceHit(file, service, { field: ["cap_add", i], message: `it adds the capability ${name}`, severity: "high" });
      }
    }
  },
  fixtures: {
    bad: [
      { name: "compose.yaml", content: compose("privileged: yes") },
      { name: "build.yaml", content: compose("build: {context: ., privileged: true}") },
      { name: "extends.yaml", content: "services:\n  a:\n    extends: {file: b.yaml, service: b}\n    pid: host\n" },
      { name: "host.yaml", content: compose("network_mode: host") },
      { name: "cap.yaml", content: compose("cap_add: [sys_admin]") },
      { name: "unconfined.yaml", content: compose("security_opt: ['seccomp:unconfined']") },
    ],
    good: [{ name: "compose.yaml", content: compose("cap_drop: [ALL]\n    security_opt: ['no-new-privileges:true']") }],
  },
});
