/** Telling a secret from a setting, by its name and by its look. Used for manifests, compose files and Dockerfiles alike. */

const name = /(?:pass(?:word|wd|phrase)?|secret|token|api_?key|private_?key|access_?key|credentials?)$/i;
const notName = /(?:_file|_path|_url|_name|_id|_ttl|_enabled|_header|_type|_version|_length|_count|max_tokens?|num_tokens?)$/i;

/** Forms that are secrets whatever they are called. */
const forms: readonly RegExp[] = [
  /\bAKIA[0-9A-Z]{16}\b/,
  /\bgh[pousr]_[A-Za-z0-9]{36,}\b/,
  /\bhf_[A-Za-z0-9]{30,}\b/,
  /\bsk-[A-Za-z0-9_-]{20,}\b/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}\b/,
  /\bglpat-[A-Za-z0-9_-]{20,}\b/,
  /\bAGE-SECRET-KEY-1[0-9A-Z]{50,}\b/,
  /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@$]+:[^\s:/@$]{3,}@/,
];

/** True for a value that is a secret: a known form, or anything but a reference under a name that says so. */
export function looksSecret(key: string, value: string | undefined): boolean {
  if (value === undefined || value.trim() === "") return false;
  if (forms.some((form) => form.test(value))) return true;
  if (!name.test(key) || notName.test(key)) return false;
  return !/^(?:\$\{?[\w.:-]+\}?|\$\([\w.-]+\)|<[^>]*>|\{\{.*\}\}|true|false|none|null|\/.*|(?:file|env|vault):.*|\d{1,5}|changeme)$/i.test(
    value.trim(),
  );
}

/** How to name a variable in a message without its value. */
export function secretWord(key: string): string {
  return name.test(key) ? `the secret ${key}` : `a secret (${key})`;
}
