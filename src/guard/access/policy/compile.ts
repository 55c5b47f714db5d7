import { createHash } from "node:crypto";
import { ModelkeepError, escapeText, nearest, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";
import { actions } from "../types.ts";
import type { DetailedError, Engine, PolicyJson } from "./engine.ts";
import type { ActionGroups } from "./entities.ts";
import type { Head } from "./head.ts";
import { headOf } from "./head.ts";
import type { Mentions } from "./mentions.ts";
import { mentionsOf } from "./mentions.ts";
import type { PolicyFile, PolicyText } from "./source.ts";
import { placeIn, splitPolicies } from "./source.ts";

const readyRoles = ["caller", "operator", "auditor", "admin"];

/** A policy that parses and fits the schema. */
export interface Policy extends PolicyText {
  /** Its `@id("…")`, or `file:line`. */
  readonly id: string;
  readonly effect: "permit" | "forbid";
  readonly head: Head;
  readonly mentions: Mentions;
}

/** A whole policy set, checked. */
export interface PolicySet {
  readonly policies: readonly Policy[];
  /** `sha256:<hex>` over schema and files: the same policies have the same digest everywhere. */
  readonly digest: string;
  /** Every role that some policy speaks of. */
  readonly roles: ReadonlySet<string>;
  /** Every literal address or network in a policy. */
  readonly addresses: ReadonlySet<string>;
  readonly groups: ActionGroups;
  /** What the validator thinks odd but sound, one line each. */
  readonly warnings: readonly string[];
}

/**
 * Parses the files and holds them against the schema.
 *
 * @throws `access/policy-invalid` with file, line and column of the first problem
 */
export function compilePolicies(engine: Engine, schema: string, files: readonly PolicyFile[]): PolicySet {
  const policies = files.flatMap(splitPolicies).map((text) => parsePolicy(engine, text));
  refuseDoubles(policies);
  const warnings = [...validate(engine, schema, policies), ...likelyTypos(policies)];
  return {
    policies,
    digest: digestOf(schema, files),
    roles: union(policies.map((policy) => policy.mentions.roles)),
    addresses: union(policies.map((policy) => policy.mentions.addresses)),
    groups: actionGroups(engine, schema),
    warnings,
  };
}

function parsePolicy(engine: Engine, text: PolicyText): Policy {
  const answer = engine.policyToJson(text.text);
  if (answer.type === "failure") throw invalid([problem(text, answer.errors[0])]);
  const json: PolicyJson = answer.json;
  const id = json.annotations?.["id"] ?? `${text.file}:${text.line}`;
  return { ...text, id, effect: json.effect, head: headOf(json), mentions: mentionsOf(json) };
}

function refuseDoubles(policies: readonly Policy[]): void {
  const seen = new Map<string, Policy>();
  for (const policy of policies) {
    const first = seen.get(policy.id);
    if (first !== undefined) {
      throw invalid([
        {
          at: where(policy),
          message: `the id ${quote(policy.id)} is taken`,
          help: `by the policy at ${where(first)}: give each its own @id`,
        },
      ]);
    }
    seen.set(policy.id, policy);
  }
}

function validate(engine: Engine, schema: string, policies: readonly Policy[]): string[] {
  const byId = new Map(policies.map((policy) => [policy.id, policy]));
  const staticPolicies = Object.fromEntries(policies.map((policy) => [policy.id, policy.text]));
  const answer = engine.validate({ schema, policies: { staticPolicies } });
  if (answer.type === "failure")
    throw invalid(answer.errors.map((error) => ({ at: "policies", message: oneLine(error.message), help: error.help })));
  const order = [...byId.keys()];
  const found = answer.validationErrors.sort((a, b) => order.indexOf(a.policyId) - order.indexOf(b.policyId));
  const problems = found.map(({ policyId, error }) => problem(byId.get(policyId), error));
  if (problems.length > 0) throw invalid(distinct(problems));
  return distinct(answer.validationWarnings.map(({ policyId, error }) => problem(byId.get(policyId), error))).map(
    ({ at, message }) => `${at}: ${message}`,
  );
}

/** Roles exist once a policy names them, so a misspelt one is valid, and permits nobody anything. */
function likelyTypos(policies: readonly Policy[]): string[] {
  return policies.flatMap((policy) =>
    [...policy.mentions.roles].flatMap((role) => {
      const near = readyRoles.includes(role) ? undefined : nearest(role, readyRoles);
      return near === undefined
        ? []
        : [`${where(policy)}: speaks of the role ${quote(role)}; if you meant ${quote(near)}, it permits or forbids nobody`];
    }),
  );
}

interface Problem {
  readonly at: string;
  readonly message: string;
  readonly help: string | null;
}

function problem(policy: PolicyText | undefined, error: DetailedError | undefined): Problem {
  const location = error?.sourceLocations?.[0];
  const message = oneLine(error?.message ?? "it does not parse");
  if (policy === undefined) return { at: "policies", message, help: error?.help ?? null };
  return { at: where(policy, location?.start), message, help: helpOf(message, error, location?.label) };
}

/** Cedar's own suggestion, except for actions, where it compares with the group names before the near ones. */
function helpOf(message: string, error: DetailedError | undefined, label: string | null | undefined): string | null {
  const action = /unrecognized action `Action::"(.*)"`/.exec(message)?.[1];
  if (action !== undefined) {
    const near = nearest(action, actions);
    return near === undefined ? `the actions are ${actions.join(", ")}` : `did you mean Action::${JSON.stringify(near)}?`;
  }
  return error?.help ?? label ?? null;
}

function where(policy: PolicyText, byteOffset = 0): string {
  const { line, column } = placeIn(policy, byteOffset);
  return `${escapeText(policy.file)}:${line}:${column}`;
}

/** Without the parts that name our own call, and on one line. */
function oneLine(message: string): string {
  const plain = message
    .replace(/^failed to parse policy(?: with id `.*?`)? from string: /, "")
    .replace(/^for policy `.*?`, /, "");
  return escapeText(plain.replace(/\s+/g, " "), 300);
}

function distinct(problems: readonly Problem[]): Problem[] {
  // The validator repeats a problem for every action that the policy could apply to.
  const byPlace = new Map<string, Problem>();
  for (const one of problems) if (!byPlace.has(one.at)) byPlace.set(one.at, one);
  return [...byPlace.values()];
}

function invalid(problems: readonly Problem[]): ModelkeepError {
  const [first, ...rest] = problems as [Problem, ...Problem[]];
  const more =
    rest.length === 0
      ? ""
      : `; also ${rest
          .slice(0, 10)
          .map(({ at, message }) => `${at}: ${message}`)
          .join("; ")}`;
  return new ModelkeepError("access/policy-invalid", {
    message: `${first.at}: ${first.message}${more}`,
    hint:
      first.help === null
        ? "docs/guide/access.md has the words that a policy can use"
        : escapeText(first.help.replace(/\s+/g, " "), 300),
    status: 400,
  });
}

/** Every field is framed by its length, so no two sets of files share a digest. */
function digestOf(schema: string, files: readonly PolicyFile[]): string {
  const hash = createHash("sha256");
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const part of [schema, ...sorted.flatMap(({ name, text }) => [name, text])]) {
    const bytes = Buffer.from(part);
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return `sha256:${hash.digest("hex")}`;
}

function actionGroups(engine: Engine, schema: string): ActionGroups {
  const answer = engine.schemaToJson(schema);
  if (answer.type === "failure")
    throw invalid(answer.errors.map(({ message, help }) => ({ at: "schema.cedarschema", message, help })));
  const declared = answer.json[""]?.actions ?? {};
  const groups = new Map<string, ReadonlySet<string>>();
  const above = (id: string, into: Set<string>): Set<string> => {
    into.add(id);
    for (const parent of declared[id]?.memberOf ?? []) above(parent.id, into);
    return into;
  };
  for (const id of Object.keys(declared)) groups.set(id, above(id, new Set()));
  return groups;
}

function union(sets: readonly ReadonlySet<string>[]): Set<string> {
  return new Set(sets.flatMap((set) => [...set]));
}
