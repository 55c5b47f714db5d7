/** in-toto statements v1 (github.com/in-toto/attestation/blob/main/spec/v1/statement.md): what is claimed, about which digests. */

import { z } from "zod";
import type { Envelope } from "./dsse.ts";
import { inTotoPayload, maxEnvelopeBytes } from "./dsse.ts";
import { malformed, readJson } from "./json.ts";

export interface Statement {
  readonly subjects: readonly StatementSubject[];
  readonly predicateType: string;
  /** As its type says; read it with that type's own reader. */
  readonly predicate: unknown;
}

export interface StatementSubject {
  readonly name: string;
  /** Lower-case hexadecimal by algorithm: `{ sha256: "…" }`. */
  readonly digest: Readonly<Record<string, string>>;
}

const statementSchema = z.object({
  // cosign still writes version 0.1, which differs in nothing that is read here.
  _type: z.enum(["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"]),
  subject: z
    .array(
      z.object({
        name: z.string().default(""),
        digest: z.record(z.string().max(64), z.string().regex(/^[0-9a-f]{8,256}$/, "expected lower-case hexadecimal")),
      }),
    )
    .min(1),
  predicateType: z.string().min(1).max(1024),
  predicate: z.unknown(),
});

/**
 * The statement in an envelope; verify the envelope first.
 * @throws `sign/malformed-statement`
 */
export function parseStatement({ payloadType, payload }: Pick<Envelope, "payloadType" | "payload">): Statement {
  if (payloadType !== inTotoPayload)
    throw malformed("sign/malformed-statement", `the payload is no in-toto statement: its type should be ${inTotoPayload}`);
  const rules = { code: "sign/malformed-statement", what: "the statement", maxBytes: maxEnvelopeBytes } as const;
  const { subject, predicateType, predicate } = readJson(payload, statementSchema, rules);
  return { subjects: subject, predicateType, predicate };
}

/** The statement's bytes. */
export function statementJson({ subjects, predicateType, predicate }: Statement): object {
  return { _type: "https://in-toto.io/Statement/v1", subject: subjects, predicateType, predicate };
}
