import { everyInstruction, lineHit } from "../../container/dockerfile/hits.ts";
import { defineRule } from "../../define.ts";

const ways: readonly (readonly [RegExp, string])[] = [
  [/\bcurl\b[^|;&\n]*\s(?:-[a-zA-Z]*k[a-zA-Z]*|--insecure)\b/, "curl takes any certificate"],
  [/\bwget\b[^|;&\n]*\s--no-check-certificate\b/, "wget takes any certificate"],
  [/\bpip[\d.]*\b[^|;&\n]*\s--trusted-host\b|\bPIP_TRUSTED_HOST=/, "pip takes any certificate"],
  [
    /\bNODE_TLS_REJECT_UNAUTHORIZED[= ]["']?0|\bstrict-ssl[= ]["']?false|\bNPM_CONFIG_STRICT_SSL[= ]["']?false/i,
    "Node takes any certificate",
  ],
  [/\bPYTHONHTTPSVERIFY[= ]["']?0/, "Python takes any certificate"],
  [/\bsslVerify[= ]["']?false|\bGIT_SSL_NO_VERIFY[= ]["']?(?:1|true)/i, "git takes any certificate"],
  [/\bapt(?:-get)?\b[^|;&\n]*\s--(?:allow-unauthenticated|force-yes)\b|\btrusted=yes\b/, "apt takes unsigned packages"],
  [/\bapk\b[^|;&\n]*\s--allow-untrusted\b/, "apk takes unsigned packages"],
  [
    /\b(?:yum|dnf|zypper|rpm)\b[^|;&\n]*\s--(?:nogpgcheck|no-gpg-checks|nosignature)\b|\bgpgcheck=0\b/,
    "rpm takes unsigned packages",
  ],
];

export const checksTurnedOff = defineRule({
  id: "container/checks-turned-off",
  title: "Certificates and package signatures are checked",
  severity: "high",
  why: "without them whoever sits on the line chooses what is built into the image",
  fix: "install the certificate that is missing; do not turn the check off",
  references: ["cwe:295", "cwe:347", "attack:T1557"],
  subject: "dockerfile",
  *check(file) {
    for (const instruction of everyInstruction(file)) {
      const { name, text, stage } = instruction;
      if (!["RUN", "ENV", "ARG"].includes(name)) continue;
      for (const [pattern, message] of ways) if (pattern.test(text)) yield lineHit(instruction, stage, { message });
    }
  },
  fixtures: {
    bad: [
      { name: "Dockerfile", content: "FROM a:1\nRUN curl -fkL https://x.example -o x\nUSER 1\n" },
      { name: "env", content: "FROM a:1\nENV NODE_TLS_REJECT_UNAUTHORIZED=0\nUSER 1\n" },
    ],
    good: [{ name: "Dockerfile", content: "FROM a:1\nRUN curl -fL https://x.example -o x\nUSER 1\n" }],
  },
});
