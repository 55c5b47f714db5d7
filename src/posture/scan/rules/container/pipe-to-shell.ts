import { everyInstruction, lineHit } from "../../container/dockerfile/hits.ts";
import { defineRule } from "../../define.ts";

const piped =
  /\b(?:curl|wget)\b[^|;&]*\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:\/\S*\/)?(?:ba|z|da|k)?sh\b|\b(?:curl|wget)\b[^|;&]*\|\s*(?:sudo\s+)?(?:\/\S*\/)?(?:python[\d.]*|perl|ruby|node)\b|\b(?:ba|z)?sh\s+(?:-c\s+)?["']?(?:<\(|\$\(|`)\s*(?:curl|wget)\b|\beval\s+["']?\$\((?:curl|wget)\b|\b(?:exec|eval)\s*\(.*\b(?:urlopen|requests\.get|fetch)\b|\b(?:iex|Invoke-Expression)\b.*\b(?:irm|iwr|DownloadString|Invoke-(?:WebRequest|RestMethod))\b/i;

/** A file that a download was written to, and that a later command runs. */
const fetched =
  /\b(?:curl|wget)\b[^|;&\n]*\s-(?:o|O|-output|-output-document)[ =]?(\S+)[^]*?(?:&&|;|\n)\s*(?:sudo\s+)?(?:(?:\/\S*\/)?(?:(?:ba|z|da|k)?sh|python[\d.]*|perl|\.|source)\s+(?:-\S+\s+)*)?(?:\.\/)?\1(?=\s|;|&|$)/;
const compared = /\b(?:sha\d+sum|shasum|openssl\s+dgst|gpg\d?\b.*--verify|gpgv|cosign|minisign|rpm\s+-K)\b/;
const runsDownload = (text: string): boolean => piped.test(text) || (fetched.test(text) && !compared.test(text));

export const pipeToShell = defineRule({
  id: "container/pipe-to-shell",
  title: "Nothing from the network goes straight into a shell",
  severity: "high",
  why: "whoever holds the server, or the line to it, runs what they like while the image is built, and nobody sees what it was",
  fix: "fetch the file, compare its digest, then run it; better, install a package that is signed",
  references: ["attack:T1195", "cwe:494"],
  subject: "dockerfile",
  *check(file) {
    for (const instruction of everyInstruction(file)) {
      if (instruction.name !== "RUN" || !runsDownload(instruction.text)) continue;
      yield lineHit(instruction, instruction.stage, { message: "RUN runs a download that nobody has looked at" });
    }
  },
  fixtures: {
    bad: [
      { name: "file", content: "FROM a:1\nRUN curl -fsSL -o /t.sh https://x.example && sh /t.sh\nUSER 1\n" },
      {
        name: "python",
        content: "FROM a:1\nRUN python -c 'from urllib.request import urlopen; exec(urlopen(\"http://x\").read())'\nUSER 1\n",
      },
      {
        name: "Dockerfile",
        content: "FROM a:1\nRUN curl -fsSL https://x.example/i.sh \\\n  # a comment\n  | bash -s --\nUSER 1\n",
      },
      { name: "here", content: "FROM a:1\nRUN <<EOF\nset -e\nwget -qO- https://x.example | sudo sh\nEOF\nUSER 1\n" },
    ],
    good: [
      {
        name: "Dockerfile",
        content: "FROM a:1\nRUN curl -o i.sh https://x.example/i.sh && sha256sum -c sums && sh i.sh\nUSER 1\n",
      },
    ],
  },
});
