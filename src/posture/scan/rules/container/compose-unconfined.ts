import { serviceHit, servicesOf } from "../../container/compose.ts";
import { defineRule } from "../../define.ts";
import { at, listAt, textAt } from "../../k8s/fields.ts";

export const composeUnconfined = defineRule({
  id: "container/compose-unconfined",
  title: "Services give up what they do not need",
  severity: "low",
  why: "with a writable root, all capabilities and set-user-ID files, whoever breaks in has much to work with",
  fix: "set read_only: true, cap_drop: [ALL], security_opt: [no-new-privileges:true] and a user",
  references: ["cis:5.12", "cis:5.25", "cwe:250"],
  subject: "compose",
  *check(file) {
    for (const service of servicesOf(file)) {
      const { value } = service;
      const user = textAt(value, "user") ?? String(at(value, "user") ?? "");
      const missing = [
        at(value, "read_only") === true ? undefined : "read_only",
        listAt(value, "cap_drop").some((name) => /^(?:cap_)?all$/i.test(String(name))) ? undefined : "cap_drop: [ALL]",
        listAt(value, "security_opt").some((option) => /^no-new-privileges(?:[:=]true)?$/.test(String(option)))
          ? undefined
          : "no-new-privileges",
        user === "" || /^(?:root|0)(?::|$)/.test(user) ? "a user" : undefined,
      ].filter((part) => part !== undefined);
      if (missing.length > 0) yield serviceHit(file, service, { field: [], message: `it does without ${missing.join(", ")}` });
    }
  },
  fixtures: {
    bad: [{ name: "compose.yaml", content: "services:\n  a:\n    image: a:1\n" }],
    good: [
      {
        name: "compose.yaml",
        content:
          "services:\n  a:\n    image: a:1\n    user: '65532'\n    read_only: true\n    cap_drop: [ALL]\n    security_opt: ['no-new-privileges:true']\n",
      },
    ],
  },
});
