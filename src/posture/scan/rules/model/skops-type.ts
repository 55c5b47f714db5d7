import { defineRule } from "../../define.ts";
import { allowedGlobal } from "../../pickle/allow/lookup.ts";

/** Loaders that call or reach into what they are given. */
const callers = new Set(["MethodNode", "PartialNode", "OperatorFuncNode", "CallNode"]);
/** Loaders of skops 0.9 to 0.13 that hold data; one that is not known could do anything. */
const own = new Set(
  `BytearrayNode BytesNode DatetimeNode DefaultDictNode DictNode FunctionNode JsonNode ListNode LossNode NdArrayNode
  ObjectNode QuantileForestNode RandomGeneratorNode RandomStateNode SGDNode SetNode SliceNode SparseMatrixNode TreeNode TupleNode TypeNode
  MaskedArrayNode DTypeNode CachedNode ReduceNode OrderedDictNode BunchNode BallTreeNode KDTreeNode`.split(/\s+/),
);
const schema = (module: string, name: string, loader: string): string =>
  JSON.stringify({ __class__: name, __module__: module, __loader__: loader });

export const skopsType = defineRule({
  id: "model/skops-type",
  title: "skops file with a type that nobody has vetted",
  severity: "high",
  why: "skops imports what the schema names, and calls it once a person has trusted it",
  fix: "do not add the type to `trusted=`; ask the maker what it is for",
  references: ["cve:2025-54412", "cve:2025-54413", "cwe:502", "cwe:829"],
  subject: "skops-schema",
  *check({ code }) {
    for (const { field, module, name, role } of code) {
      const isCall = callers.has(role) || (!own.has(role) && role !== "");
      const known =
        allowedGlobal(module, name) !== undefined ||
        (module === "builtins" && ["list", "dict", "str", "int", "float", "bool", "tuple", "type"].includes(name));
      if (!known && !(role === "JsonNode" && module === ""))
        yield { message: `it names ${module}.${name}, loaded by ${role}`, where: { field } };
      else if (isCall) yield { message: `it calls or reaches into ${module}.${name} by ${role}`, where: { field } };
    }
  },
  fixtures: {
    bad: [
      { name: "method.json", content: schema("sklearn.linear_model._logistic", "LogisticRegression", "MethodNode") },
      { name: "schema.json", content: schema("os", "system", "FunctionNode") },
    ],
    good: [{ name: "schema.json", content: schema("sklearn.linear_model._logistic", "LogisticRegression", "ObjectNode") }],
  },
});
