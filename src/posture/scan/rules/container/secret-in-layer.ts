import { everyInstruction, lineHit } from "../../container/dockerfile/hits.ts";
import { pairsOf, wordsIn } from "../../container/dockerfile/parse.ts";
import { defineRule } from "../../define.ts";
import { looksSecret, secretWord } from "../../secrets.ts";

const files =
  /(?:^|\/)(?:\.env(?:\.\w+)?|id_(?:rsa|ed25519|ecdsa|dsa)|\.npmrc|\.pypirc|\.netrc|\.git-credentials|\.dockercfg|credentials|kubeconfig|[^/]*(?:private|secret)[^/]*\.(?:key|pem)|[^/]*\.(?:p12|pfx|jks|keystore))$/i;

export const secretInLayer = defineRule({
  id: "container/secret-in-layer",
  title: "No secret goes into a layer",
  severity: "high",
  why: "every layer can be unpacked, and build arguments stand in the image's history: deleting the file later takes nothing back",
  fix: "use RUN --mount=type=secret while building and a mounted secret while running; change the secret: it has been seen",
  references: ["cis:4.10", "cwe:798", "attack:T1552"],
  subject: "dockerfile",
  *check(file) {
    for (const instruction of everyInstruction(file)) {
      const { name, text, stage } = instruction;
      if (name === "ENV" || name === "ARG" || name === "LABEL") {
        const found = pairsOf(text).find(([key, value]) => looksSecret(key, value));
        if (found !== undefined) yield lineHit(instruction, stage, { message: `${name} holds ${secretWord(found[0])}` });
      } else if (name === "RUN") {
        const word = [...text.matchAll(/\b([A-Za-z_]\w*)=("[^"]*"|'[^']*'|\S+)/g)].find(([, key, value]) =>
          looksSecret(key!, value!.replace(/^["']|["']$/g, "")),
        );
        if (word !== undefined) yield lineHit(instruction, stage, { message: `RUN holds ${secretWord(word[1]!)}` });
        else if (/\becho\s+["']?[\w.-]+:[^\s$|"']+["']?\s*\|\s*(?:\/\S*\/)?chpasswd\b/.test(text))
          yield lineHit(instruction, stage, { message: "RUN sets a password that it holds" });
        else if (looksSecret("", text)) yield lineHit(instruction, stage, { message: "RUN holds a secret" });
      } else if (name === "COPY" || name === "ADD") {
        const found = wordsIn(text)
          .slice(0, -1)
          .find((path) => files.test(path));
        if (found !== undefined) yield lineHit(instruction, stage, { message: `${name} takes ${found} into the image` });
      }
    }
  },
  fixtures: {
    bad: [
      { name: "Dockerfile", content: "FROM a:1\nENV DB_PASSWORD=hunter2hunter2\nUSER 1\n" },
      { name: "account", content: "FROM a:1\nRUN echo 'root:toor' | chpasswd\nUSER 1\n" },
      { name: "key", content: "FROM a:1\nCOPY id_rsa /root/.ssh/id_rsa\nUSER 1\n" },
      { name: "run", content: "FROM a:1\nRUN API_TOKEN=abcdef123456 make\nUSER 1\n" },
    ],
    good: [
      {
        name: "Dockerfile",
        content: "FROM a:1\nARG API_TOKEN\nRUN --mount=type=secret,id=token make\nENV TOKEN_FILE=/run/t\nUSER 1\n",
      },
    ],
  },
});
