import { fromBase64, fromUtf8 } from "../../../base/crypto/index.ts";
import { ModelkeepError } from "../../../base/error/index.ts";
import { z } from "zod";
import type {} from "../errors.ts";

type Code = "sign/malformed-bundle" | "sign/malformed-statement";

/** JSON from outside as a value of the schema; what is wrong is named by its place in the document. */
export function readJson<T>(bytes: Uint8Array, schema: z.ZodType<T>, { code, what, maxBytes }: JsonRules): T {
  if (bytes.length > maxBytes) throw malformed(code, `${what} has ${bytes.length} bytes, more than ${maxBytes}`);
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw malformed(code, `${what} is not JSON`, cause);
  }
  return checked(value, schema, { code, what });
}

export interface JsonRules {
  readonly code: Code;
  /** What the document is, for messages: `the bundle`. */
  readonly what: string;
  readonly maxBytes: number;
}

export function checked<T>(value: unknown, schema: z.ZodType<T>, { code, what }: Omit<JsonRules, "maxBytes">): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const place = issue.path.length === 0 ? "" : ` at ${issue.path.map(String).join(".")}`;
  throw malformed(code, `${what} is malformed${place}: ${issue.message}`, result.error);
}

export function malformed(code: Code, message: string, cause?: unknown): ModelkeepError {
  const hint =
    code === "sign/malformed-bundle"
      ? "sign again, or copy the signature file again, byte for byte"
      : "sign again with `modelkeep sign`";
  return new ModelkeepError(code, { message, hint, cause, status: 400 });
}

/** Base 64 as protobuf's JSON takes it: either alphabet, with padding or without. */
export const base64 = z.string().transform((text, context) => {
  try {
    const standard = text
      .replaceAll("-", "+")
      .replaceAll("_", "/")
      .replace(/={1,2}$/, "");
    return fromBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, "="));
  } catch {
    context.addIssue({ code: "custom", message: "expected base64" });
    return z.NEVER;
  }
});
