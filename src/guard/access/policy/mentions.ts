import type { PolicyJson } from "./engine.ts";

/** What a policy's conditions look at, as far as a cache and a probe must know. */
export interface Mentions {
  /** First-level attributes of `context`: `address`, `time`, `credential`; `*` when the context is used as a whole. */
  readonly context: ReadonlySet<string>;
  /** Arguments of `ip("…")`. */
  readonly addresses: ReadonlySet<string>;
  /** Every `Role::"…"`. */
  readonly roles: ReadonlySet<string>;
}

/** Reads what a policy mentions out of its JSON form (Cedar reference, "JSON policy format"). */
export function mentionsOf(policy: PolicyJson): Mentions {
  const context = new Set<string>();
  const addresses = new Set<string>();
  const roles = new Set<string>();

  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (typeof node !== "object" || node === null) return;
    const attribute = contextAttribute(node);
    if (attribute !== undefined) {
      context.add(attribute);
      return;
    }
    const { type, id } = node as { type?: unknown; id?: unknown };
    if (type === "Role" && typeof id === "string") roles.add(id);
    for (const [key, value] of Object.entries(node)) {
      if (key === "Var" && value === "context") context.add("*"); // not behind a dot or a `has`: all of it
      if (key === "ip") addLiteral(addresses, value);
      walk(value);
    }
  };
  walk(policy);
  return { context, addresses, roles };
}

/** `context.x` and `context has x`; of `context has x.y` the x. */
function contextAttribute(node: object): string | undefined {
  const access = (node as { "."?: unknown })["."] ?? (node as { has?: unknown }).has;
  if (typeof access !== "object" || access === null) return undefined;
  const { left, attr } = access as { left?: unknown; attr?: unknown };
  if (typeof left !== "object" || left === null || (left as { Var?: unknown }).Var !== "context") return undefined;
  const first: unknown = Array.isArray(attr) ? attr[0] : attr;
  return typeof first === "string" ? first : undefined;
}

function addLiteral(addresses: Set<string>, args: unknown): void {
  const literal: unknown = Array.isArray(args) ? (args[0] as { Value?: unknown } | undefined)?.Value : undefined;
  if (typeof literal === "string") addresses.add(literal);
}
