import { execFile } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quote } from "../../../base/error/index.ts";
import { readCertificates } from "../certificate/pem.node.ts";
import { digestNames } from "./algorithm.ts";
import type { SignatureAlgorithm } from "./algorithm.ts";
import type { TokenKey } from "./pkcs11-uri.node.ts";
import { badKey, parsePublicKey, verificationKey } from "./public-key.node.ts";
import type { Signer } from "./signer.ts";
import type { VerificationKey } from "./verification-key.ts";

export interface TokenSignerParts {
  readonly key: TokenKey;
  readonly pin: string;
  /** PEM certificates, the key's own first. With one, the public key is the certificate's and is not asked of the token. */
  readonly certificates?: string | Uint8Array | undefined;
}

/**
 * A signer whose key never leaves its token (PKCS #11 3.1): OpenSC's `pkcs11-tool` speaks to it, in a process of its own that gets the PIN through its
 * environment. The message is hashed here. Every signature is verified before it is given away: a token with two keys of one name would else
 * sign with the other one.
 * @throws `sign/bad-key` when the tool, the token or the key is not there, the PIN is wrong, or the key is of a kind that is not used here
 * @example
 * const signer = await tokenSigner({ key: readTokenUri("pkcs11:token=keep;object=signer?module-path=/usr/lib/softhsm/libsofthsm2.so"), pin });
 */
export async function tokenSigner({ key, pin, certificates }: TokenSignerParts): Promise<Signer> {
  const id = key.id ?? (await idOf(key, pin));
  const chain = certificates === undefined ? [] : readCertificates(certificates);
  const publicKey =
    chain[0] === undefined ? await publicKeyOf(key, { id, pin }) : verificationKey(new X509Certificate(chain[0]).publicKey);
  const mechanism = mechanisms[publicKey.algorithm];
  if (mechanism === undefined)
    throw badKey(`is of kind ${publicKey.algorithm}, which tokens are not asked for`, "use P-256, P-384, P-521 or RSA");
  return {
    algorithm: publicKey.algorithm,
    publicKey: publicKey.spki,
    certificates: chain,
    async sign(message) {
      const digest = createHash(digestNames[publicKey.algorithm]!).update(message).digest();
      const words = ["--sign", "--id", id, "--mechanism", mechanism, "--signature-format", "openssl"];
      const signature = await inFile(key, { pin, words, input: mechanism === "RSA-PKCS" ? digestInfo(digest) : digest });
      if (publicKey.verify(message, signature)) return signature;
      throw badKey("of the token does not sign for its public half", "name the key by its id: two may have one label");
    },
    close: async () => undefined,
  };
}

/** The mechanisms that sign a digest, which every token has; those that hash themselves many have not. */
const mechanisms: Readonly<Partial<Record<SignatureAlgorithm, string>>> = {
  "ecdsa-p256-sha256": "ECDSA",
  "ecdsa-p384-sha384": "ECDSA",
  "ecdsa-p521-sha512": "ECDSA",
  "rsa-pkcs1-sha256": "RSA-PKCS",
};

/** DigestInfo of SHA-256 (RFC 8017, section 9.2, note 1). */
function digestInfo(digest: Buffer): Buffer {
  return Buffer.concat([Buffer.from("3031300d060960864801650304020105000420", "hex"), digest]);
}

/** The id of the one private key with this label. */
async function idOf(key: TokenKey, pin: string): Promise<string> {
  const listing = (await tool(key, { pin, words: ["--list-objects", "--type", "privkey"] })).toString("utf8");
  const objects = listing.split(/^(?=Private Key Object)/m).filter((object) => object.startsWith("Private Key Object"));
  const field = (object: string, name: string): string | undefined =>
    new RegExp(`^\\s+${name}:\\s+(.*)$`, "m").exec(object)?.[1]?.trim();
  const ids = objects.filter((object) => field(object, "label") === key.label).map((object) => field(object, "ID"));
  const [id] = ids;
  if (ids.length === 1 && id !== undefined && id !== "") return id;
  throw badKey(
    ids.length > 1 ? `${quote(key.label!)} is on the token ${ids.length} times` : `${quote(key.label!)} is not on the token`,
    "`pkcs11-tool --module … --login --list-objects` lists what is; name it by id=%01",
  );
}

async function publicKeyOf(key: TokenKey, { id, pin }: { readonly id: string; readonly pin: string }): Promise<VerificationKey> {
  const der = await inFile(key, { pin, words: ["--read-object", "--type", "pubkey", "--id", id] });
  try {
    return parsePublicKey(der);
  } catch (cause) {
    throw badKey("has a public half on the token that cannot be read", "give its certificate with --certificates", cause);
  }
}

interface Call {
  readonly pin: string;
  readonly words: readonly string[];
  readonly input?: Uint8Array;
}

/** What the tool writes into a file, in a folder that only we can look into. */
async function inFile(key: TokenKey, call: Call): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "modelkeep-token-"));
  try {
    await tool(key, { ...call, words: [...call.words, "--output-file", join(folder, "out")] });
    return new Uint8Array(await readFile(join(folder, "out")));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw badKey("was not given by the token", "`pkcs11-tool --module … --login --list-objects` lists what is there", cause);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const longestMs = 30_000;

function tool({ modulePath, token }: TokenKey, { pin, words, input }: Call): Promise<Buffer> {
  const all = ["--module", modulePath, "--token-label", token, "--login", "--pin", "env:MODELKEEP_PIN", ...words];
  const env = { ...process.env, MODELKEEP_PIN: pin, LC_ALL: "C" };
  return new Promise((resolve, reject) => {
    const child = execFile("pkcs11-tool", all, { env, encoding: "buffer", timeout: longestMs }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(refusal(error, stderr.toString("utf8")));
    });
    child.stdin?.on("error", () => {}); // it may end before it has read
    child.stdin?.end(input);
  });
}

function refusal(error: Error, stderr: string) {
  if ((error as NodeJS.ErrnoException).code === "ENOENT")
    return badKey("is on a token, and pkcs11-tool is not installed", "Debian: apt install opensc", error);
  if (stderr.includes("CKR_PIN"))
    return badKey("is on a token that refuses the PIN", "tokens lock after a few wrong ones", error);
  const said = stderr.split("\n").find((line) => line.trim() !== "" && !line.startsWith("Using ")) ?? "it ended without a word";
  return badKey(`is on a token that did not answer: ${quote(said, 160)}`, "look at the token's label and library", error);
}
