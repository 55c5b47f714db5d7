import { z } from "zod";

const digest = z
  .string()
  .regex(/^(sha256:)?[0-9a-f]{64}$/, "expected sha256: and 64 hexadecimal digits")
  .transform((text) => (text.startsWith("sha256:") ? text : `sha256:${text}`));

const day = z.iso
  .date("expected a day such as 2027-01-31")
  .or(z.iso.datetime({ offset: true, error: "expected a day such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z" }));

const patterns = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).transform((value) => [value].flat());

const signer = z
  .strictObject({
    name: z.string().min(1).max(200).describe("how reports and the audit log call the signer"),
    key: z.string().min(1).optional().describe("a public key: PEM text, or the path of a PEM file, relative to the policy"),
    roots: z.string().min(1).optional().describe("certificates that a chain may end in: PEM text, or the path of a PEM file"),
    identity: z
      .string()
      .min(1)
      .optional()
      .describe(
        "with `issuer`: whom the provider vouched for; with `roots`: a name in the certificate. `*` stands for any characters",
      ),
    issuer: z.string().min(1).optional().describe("address of the OpenID provider of a keyless signature, exactly"),
    trustedRoot: z.string().min(1).optional().describe("Sigstore's trusted_root.json for this signer"),
    scope: patterns.prefault(["*"]).describe("what the signer may sign, by name; `*` stands for any characters"),
    from: day.optional().describe("first day on which the signer is trusted"),
    expires: day.optional().describe("last day on which the signer is trusted"),
  })
  .superRefine(({ key, roots, identity, issuer, trustedRoot }, context) => {
    const ways = [key, roots, issuer].filter((way) => way !== undefined).length;
    const wrong =
      ways !== 1
        ? "give one of key, roots, and identity with issuer"
        : issuer !== undefined && identity === undefined
          ? "issuer needs identity: anyone may have an account there"
          : key !== undefined && identity !== undefined
            ? "identity does not go with key"
            : trustedRoot !== undefined && issuer === undefined
              ? "trustedRoot goes with identity and issuer only"
              : undefined;
    if (wrong !== undefined) context.addIssue({ code: "custom", message: wrong });
  });

const revocation = z.union([
  digest.transform((value) => ({ digest: value, reason: "" })),
  z.strictObject({ digest, reason: z.string().max(500).default("") }),
]);

/** `trust.yaml`. */
export const trustPolicySchema = z.strictObject({
  version: z.literal(1, "expected version: 1"),
  trustedRoot: z.string().min(1).optional().describe("Sigstore's trusted_root.json for every keyless signer that names none"),
  signers: z.array(signer).min(1),
  revoked: z
    .array(revocation)
    .default([])
    .describe("digests of keys, certificates, models and files that are believed no longer"),
});

export type TrustPolicyFile = z.output<typeof trustPolicySchema>;
export type SignerEntry = TrustPolicyFile["signers"][number];
