import type * as Cedar from "@cedar-policy/cedar-wasm/nodejs";
import { ModelkeepError } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

export type Engine = typeof Cedar;
export type { CedarValueJson, Context, DetailedError, EntityJson, PolicyJson, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";

/**
 * Cedar (cedarpolicy.com), compiled to WebAssembly: 4 MB, so only loaded when something is to be decided.
 *
 * @throws `access/missing-engine`
 */
export async function loadEngine(): Promise<Engine> {
  try {
    const module = await import("@cedar-policy/cedar-wasm/nodejs");
    return module;
  } catch (cause) {
    throw new ModelkeepError("access/missing-engine", {
      message: "the policy engine is not installed",
      hint: "npm install @cedar-policy/cedar-wasm",
      cause,
    });
  }
}
