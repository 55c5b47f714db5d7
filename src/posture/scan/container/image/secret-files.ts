import type { Severity } from "../../../../base/finding/index.ts";
import type { ByteSource } from "../../bytes/source.ts";
import { latin1 } from "../../engine/probe.ts";

/** What a file of an image gives away. */
export interface FileSecret {
  readonly what: string;
  /** Where it is less grave than a secret usually is. */
  readonly severity?: Severity;
}

/** Larger files are programs, data and logs, whose first part says enough. */
const maxLookedAt = 1 << 18;

/** Forms that are secrets wherever they stand. Stricter than for settings: an image holds the documentation and tests of others. */
const forms: readonly (readonly [string, RegExp])[] = [
  ["a private key", /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+(?:[A-Za-z-]+: [^\n]*\s+)*[A-Za-z0-9+/=\s]{100,}-----END/],
  ["an age identity", /\bAGE-SECRET-KEY-1[0-9A-Z]{50,}\b/],
  [
    "an AWS access key",
    /\b(?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[0-9A-Z]{16}\b[\s\S]{0,200}?(?:secret|SECRET)[\w ]*[=:"' ]+[A-Za-z0-9/+]{40}\b/,
  ],
  ["a GitHub token", /\bgh[pousr]_[A-Za-z0-9]{36}\b/],
  ["a Hugging Face token", /\bhf_[A-Za-z0-9]{34,}\b/],
  ["a GitLab token", /\bglpat-[A-Za-z0-9_-]{20,}\b/],
  ["a Slack token", /\bxox[abprs]-\d{8,}-[A-Za-z0-9-]{16,}\b/],
  ["a token of a model provider", /\bsk-(?:proj-|ant-[a-z0-9]+-)?[A-Za-z0-9_]{40,}\b/],
];
const hint = /PRIVATE KEY|AGE-SECRET|AKIA|ASIA|gh[pousr]_|hf_|glpat-|xox[abprs]-|sk-/;

/** Files that hold credentials by their place, and the line that shows that they do. */
const places: readonly (readonly [RegExp, RegExp, string])[] = [
  [/(?:^|\/)\.npmrc$/, /_(?:authToken|auth|password)\s*=\s*(?!\$\{)\S{8,}/, "credentials of an npm registry"],
  [/(?:^|\/)\.pypirc$/, /^\s*password\s*[=:]\s*\S+/m, "credentials of a package index"],
  [/(?:^|\/)(?:\.netrc|\.git-credentials)$/, /password\s+\S+|:\/\/[^\s:/@]+:[^\s@]+@/, "credentials"],
  [/(?:^|\/)\.aws\/credentials$/, /aws_secret_access_key\s*=\s*\S{20,}/, "credentials of AWS"],
  [/(?:^|\/)(?:\.docker\/config\.json|\.dockercfg)$/, /"auth"\s*:\s*"[^"]{4,}"/, "credentials of a container registry"],
  [/(?:^|\/)(?:\.kube\/config|kubeconfig)$/, /^\s*(?:token|client-key-data|password):\s*\S+/m, "credentials of a cluster"],
  [
    /(?:^|\/)\.env(?:\.\w+)?$/,
    /^\s*\w*(?:PASSWORD|SECRET|TOKEN|API_?KEY)\w*\s*=\s*["']?(?!\$|<|changeme|your)[^\s"']{6,}/im,
    "a secret",
  ],
  [/(?:^|\/)(?:\.huggingface|\.cache\/huggingface)\/token$/, /^hf_\w{10,}/, "a Hugging Face token"],
];

/** Keys in other people's tests and documentation open nothing, and are named as what they are. */
const samples = /(?:^|\/)(?:tests?|testing|testdata|fixtures?|examples?|samples?|docs?|idlelib|certdata)\//;

/** Secrets in a file: each kind once. */
export function* secretsOf(path: string, source: ByteSource): Generator<FileSecret> {
  const head = source.read(0, maxLookedAt);
  const isProgram = head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
  if (head.length === 0 || isProgram) return;
  const place = places.filter(([where]) => where.test(path));
  const text = latin1(head);
  const isHint = hint.test(text);
  const severity = samples.test(path) ? ({ severity: "low" } as const) : {};
  if (isHint) for (const [what, form] of forms) if (form.test(text)) yield { what, ...severity };
  for (const [, line, what] of place) if (line.test(text)) yield { what };
}
