import { z } from "zod";
import { secretReference } from "../../../base/config/index.ts";

const word = /^[!-~]{1,256}$/;
const timeoutMs = z.int().min(100).max(120_000).default(15_000).describe("time for one answer, milliseconds");

const vault = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .describe("address of the server, such as https://vault.example:8200; plain HTTP only to this machine"),
  key: z
    .string()
    .regex(/^[\w.-]{1,128}$/)
    .describe("name of the key in the transit engine"),
  mount: z
    .string()
    .regex(/^[\w./-]{1,128}$/)
    .default("transit")
    .describe("where the transit engine is mounted"),
  namespace: z.string().regex(word).optional().describe("namespace, where the server has them"),
  token: secretReference.describe("where the token lies"),
  ca: z.string().min(1).optional().describe("certificates that the server's must lead to, PEM; the system's by default"),
  timeoutMs,
});

const exec = z.strictObject({
  command: z
    .array(z.string().min(1))
    .min(1)
    .describe("program and words, without a shell; it speaks the protocol of docs/guide/keys.md"),
  key: z
    .string()
    .regex(word, "expected 1 to 256 printable characters without spaces")
    .describe("what the program calls the key: an ARN, a resource name"),
  env: z
    .array(z.string().regex(/^[A-Za-z_]\w*$/))
    .default([])
    .describe("variables that the program gets beside PATH and HOME, by name"),
  timeoutMs,
});

/** Section `keys:` of the configuration: keys that lie elsewhere, by the name that `kms:NAME` takes. */
export const keysConfig = z.record(
  z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, "expected 1 to 64 of A-Z a-z 0-9 . _ -"),
  z
    .strictObject({
      vault: vault.optional().describe("a key in the transit engine of HashiCorp Vault or OpenBao"),
      exec: exec.optional().describe("a key that a program of yours speaks for"),
    })
    .refine((one) => Object.keys(one).length === 1, { error: "takes exactly one of `vault` and `exec`" }),
);

export type KeysConfig = z.output<typeof keysConfig>;
export type VaultConfig = z.output<typeof vault>;
export type ExecConfig = z.output<typeof exec>;
