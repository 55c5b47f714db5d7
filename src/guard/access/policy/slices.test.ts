import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createManualClock } from "../../../base/port/index.ts";
import type { Action, Caller, Resource } from "../types.ts";
import { compilePolicies } from "./compile.ts";
import { Decider } from "./decider.ts";
import { loadEngine } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { ask } from "./entities.ts";
import { PreparedSets } from "./evaluate.ts";
import { readSchema } from "./files.ts";

let engine: Engine;
let schema: string;
beforeAll(async () => {
  [engine, schema] = await Promise.all([loadEngine(), readSchema()]);
});

// A small world, so that random policies and random requests meet often.
const principals = ["alice", "bob"];
const roles = ["caller", "admin"];
const groups = ["blue", "red"];
const models = ["digits", "fraud"];
const versions = ["1", "2"];
const addresses = ["10.0.0.1", "10.1.0.1", "192.0.2.1", "::1", "2001:db8::1"];

const quoted = (type: string, ids: readonly string[]) => fc.constantFrom(...ids.map((id) => `${type}::"${id}"`));
const list = (one: fc.Arbitrary<string>) =>
  fc.uniqueArray(one, { minLength: 1, maxLength: 3 }).map((ids) => `[${ids.join(", ")}]`);
const asked: readonly Action[] = ["infer", "readMetadata", "manageModels", "readServer"];
const anyAction = quoted("Action", [...asked, "read", "manage"]);
const anyModel = quoted("Model", models);
const anyVersion = quoted(
  "Version",
  models.flatMap((model) => versions.map((version) => `${model}/${version}`)),
);
const anyService = fc.constant('Service::"modelkeep"');

const principalHead = fc.oneof(
  { arbitrary: fc.constant("principal"), weight: 3 },
  quoted("Principal", principals).map((uid) => `principal == ${uid}`),
  fc.oneof(quoted("Group", groups), quoted("Role", roles)).map((uid) => `principal in ${uid}`),
  fc.constant("principal is Principal"),
  quoted("Group", groups).map((uid) => `principal is Principal in ${uid}`),
);
const actionHead = fc.oneof(
  { arbitrary: fc.constant("action"), weight: 3 },
  anyAction.map((uid) => `action == ${uid}`),
  anyAction.map((uid) => `action in ${uid}`),
  list(anyAction).map((uids) => `action in ${uids}`),
);
const resourceHead = fc.oneof(
  { arbitrary: fc.constant("resource"), weight: 3 },
  fc.oneof(anyModel, anyVersion, anyService).map((uid) => `resource == ${uid}`),
  fc.oneof(anyModel, anyService).map((uid) => `resource in ${uid}`),
  fc.constantFrom("Model", "Version", "Service").map((type) => `resource is ${type}`),
  anyModel.map((uid) => `resource is Version in ${uid}`),
);
const condition = fc.constantFrom(
  'context.address.isInRange(ip("10.0.0.0/16"))',
  "context.address.isLoopback()",
  "context.address.isIpv6()",
  'context.time < datetime("2023-11-14T22:13:21Z")',
  'context.time.toTime() > duration("22h")',
  "context.credential has models",
  'context.credential.kind == "api-key"',
  "context has credential.models && resource in context.credential.models",
  '(if principal.name like "a*" then context.address else ip("::1")).isIpv4()',
  'principal.kind == "service"',
  'principal in Group::"blue"',
  'action in Action::"read"',
  'resource in Model::"digits"',
  'resource is Model && resource.name like "d*"',
  'resource is Version && resource.version == "2"',
  // Breaks when it is reached, because no Long is that large.
  'principal.name == "bob" && 9223372036854775807 + 1 > 0',
  "true",
);
const clause = fc.tuple(fc.constantFrom("when", "unless"), condition).map(([word, body]) => `${word} { ${body} }`);
const anyPolicy = fc
  .tuple(
    fc.constantFrom("permit", "permit", "forbid"),
    principalHead,
    actionHead,
    resourceHead,
    fc.array(clause, { maxLength: 2 }),
  )
  .map(
    ([effect, principal, action, resource, clauses]) => `${effect} (${principal}, ${action}, ${resource}) ${clauses.join(" ")};`,
  );

const anyCaller: fc.Arbitrary<Caller> = fc
  .record({
    principal: fc.constantFrom(...principals),
    kind: fc.constantFrom("person" as const, "service" as const),
    role: fc.constantFrom(...roles),
    groups: fc.subarray(groups),
    models: fc.option(fc.subarray(models, { minLength: 1 }), { nil: undefined }),
  })
  .map(({ principal, kind, role, groups, models }) =>
    Object.freeze({
      principal,
      credential: "mk_aaaaaaaaaaaa",
      kind: "api-key",
      principalKind: kind,
      roles: Object.freeze([role]),
      groups: Object.freeze(groups),
      ...(models === undefined ? {} : { models: Object.freeze(models) }),
    }),
  );
const anyResource: fc.Arbitrary<Resource> = fc.oneof(
  fc.constant({ type: "service" } as const),
  fc.constantFrom(...models, "unheard-of").map((name) => ({ type: "model" as const, name })),
  fc.record({ type: fc.constant("model" as const), name: fc.constantFrom(...models), version: fc.constantFrom(...versions) }),
);
const anyRequest = fc.record({
  caller: fc.nat(2),
  action: fc.constantFrom(...asked),
  resource: anyResource,
  address: fc.constantFrom(...addresses),
  waitMs: fc.constantFrom(0, 0, 1000, 7_200_000),
});

describe("a sliced and cached decision", () => {
  it("is the decision that Cedar makes from the whole set, for any policies, in any order of requests", () => {
    let allowed = 0;
    let denied = 0;
    let cached = 0;
    fc.assert(
      fc.property(
        fc.array(anyPolicy, { minLength: 1, maxLength: 12 }),
        fc.array(anyCaller, { minLength: 3, maxLength: 3 }),
        fc.array(anyRequest, { minLength: 30, maxLength: 60 }),
        fc.constantFrom(0, 16, 1000, 1000),
        (texts, callers, requests, cacheSize) => {
          const clock = createManualClock();
          const valid = texts.filter((text) => isValid(text));
          const set = compilePolicies(engine, schema, [{ name: "any.cedar", text: valid.join("\n") }]);
          const staticPolicies = Object.fromEntries(set.policies.map(({ id, text }) => [id, text]));
          expect(engine.preparsePolicySet("whole", { staticPolicies })).toEqual({ type: "success" });
          const prepared = new PreparedSets(engine, "test", 4); // few places, so that slices drive each other out
          const decider = new Decider({ prepared, clock, cacheSize, onBroken: () => {} }, set);
          for (const { caller: index, action, resource, address, waitMs } of requests) {
            clock.advance(waitMs);
            const caller = callers[index]!;
            const got = decider.authorize(caller, action, resource, address);
            const question = ask({ caller, action, resource, address, timeMs: clock.now() }, set.groups);
            const whole = engine.statefulIsAuthorized({ ...question, preparsedPolicySetId: "whole" });
            if (whole.type === "failure") throw new Error(whole.errors[0]?.message);
            const { decision, diagnostics } = whole.response;
            const broke = diagnostics.errors.map(({ policyId }) => policyId).sort();
            expect(got.allowed).toBe(broke.length === 0 && decision === "allow");
            expect(got.policies).toEqual(broke.length > 0 ? broke : diagnostics.reason.toSorted());
            expect(got.errors?.toSorted() ?? []).toEqual(broke);
            if (got.allowed) allowed++;
            else denied++;
            if (got.cached) cached++;
          }
        },
      ),
      { numRuns: 30 },
    );
    // The comparison says something only where both answers, and the cache, really occurred.
    expect(Math.min(allowed, denied, cached)).toBeGreaterThan(50);
  }, 120_000);

  function isValid(text: string): boolean {
    const answer = engine.validate({ schema, policies: { staticPolicies: { p: text } } });
    return answer.type === "success" && answer.validationErrors.length === 0;
  }
});

describe("a slice", () => {
  it("leaves out what cannot matter: of 1000 policies for 1000 models one is asked", () => {
    const text = Array.from(
      { length: 1000 },
      (_, i) => `permit (principal in Group::"g${i}", action == Action::"infer", resource in Model::"m${i}");`,
    ).join("\n");
    const set = compilePolicies(engine, schema, [{ name: "many.cedar", text }]);
    const seen: number[] = [];
    const prepared = new PreparedSets(engine, "test-many", 4);
    const evaluate = prepared.evaluate.bind(prepared);
    prepared.evaluate = (policies, content, question) => {
      seen.push(policies.length);
      return evaluate(policies, content, question);
    };
    const decider = new Decider({ prepared, clock: createManualClock(), cacheSize: 100, onBroken: () => {} }, set);
    const caller: Caller = { principal: "a", credential: "c", kind: "api-key", roles: ["caller"], groups: ["g7"] };
    const infer = (name: string) => decider.authorize(caller, "infer", { type: "model", name }, "127.0.0.1").allowed;
    expect([infer("m7"), infer("m8"), infer("nowhere")]).toEqual([true, false, false]);
    expect(seen).toEqual([1, 0, 0]);
  });
});
