import type { Command } from "commander";

/** Whom to believe: a policy, or one signer by itself. */
export interface TrustFlags {
  readonly policy?: string;
  readonly key?: string;
  readonly roots: readonly string[];
  readonly identity?: string;
  readonly issuer?: string;
  readonly trustedRoot?: string;
}

export function trustFlags(command: Command): Command {
  return command
    .option("--policy <file>", "whom to believe about what: trust.yaml")
    .option("--key <file>", "believe this public key alone, PEM")
    .option("--roots <file...>", "believe certificates that lead to these, PEM", [])
    .option("--identity <pattern>", "with --roots a name in the certificate; with --issuer whom the provider vouched for")
    .option("--issuer <url>", "believe a keyless signature by someone whom this OpenID provider vouched for")
    .option("--trusted-root <file>", "Sigstore's trusted_root.json, for a keyless signature");
}

/** What is wrong with these flags together. */
export function usageOfTrust({ policy, key, roots, identity, issuer, trustedRoot }: TrustFlags): string | undefined {
  const ways = [policy, key, roots[0], issuer].filter((way) => way !== undefined).length;
  if (ways !== 1) return "say whom to believe, in one way: --policy, --key, --roots, or --identity with --issuer";
  if (issuer !== undefined && (identity === undefined || trustedRoot === undefined))
    return "--issuer needs --identity and --trusted-root: anyone may have an account there";
  if (trustedRoot !== undefined && issuer === undefined) return "--trusted-root goes with --identity and --issuer";
  if (identity !== undefined && roots.length === 0 && issuer === undefined) return "--identity goes with --roots or --issuer";
  return undefined;
}
