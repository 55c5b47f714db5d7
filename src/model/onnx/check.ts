/** Whether a model keeps the rules of ONNX: names, order, arity, attributes, types. What is wrong names the node. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { allOperators, factsOf, newestMlOpset, newestOpset } from "./facts.ts";
import type { Formal, OperatorFacts } from "./facts.ts";
import { near } from "./near.ts";
import { nodeLabel, operatorName, subgraphs } from "./graph.ts";
import type { Graph, Model, Node, ValueType } from "./graph.ts";
import { FunctionTable } from "./infer/functions.ts";
import { inferModel } from "./infer/engine.ts";
import type { Visit } from "./infer/engine.ts";

/** Something a model gets wrong. */
export interface Problem {
  /** The node, or undefined when it is the model as a whole. Untrusted text. */
  readonly node: string | undefined;
  readonly message: string;
}

/** Opsets that we take; ONNX Runtime has run nothing older for years. */
const oldestOpset = 7;

/** Longer lists help nobody. */
const maxProblems = 100;

/**
 * Throws at the first thing that is wrong.
 * @throws onnx/bad-graph · onnx/bad-shape · onnx/unsupported · onnx/too-costly
 * @example
 * checkModel(readModel(bytes));
 */
export function checkModel(model: Model): void {
  checkOpsets(model);
  const [first, ...more] = problemsOf(model);
  if (first === undefined) return;
  throw new ModelkeepError("onnx/bad-graph", {
    message: first.node === undefined ? first.message : `node ${quote(first.node)}: ${first.message}`,
    hint: `export the model again${more.length > 0 ? `; ${more.length} more things are wrong` : ""}`,
    status: 400,
  });
}

function checkOpsets(model: Model): void {
  const opset = model.opsets.get("");
  const ml = model.opsets.get("ai.onnx.ml");
  const refuse = (domain: string, version: number, range: string): never => {
    throw new ModelkeepError("onnx/unsupported", {
      message: `the model uses version ${version} of operator set ${quote(domain)}, we take ${range}`,
      hint: "convert it with onnx.version_converter.convert_version(model, 18) or export with opset_version=18",
      status: 400,
    });
  };
  if (opset !== undefined && (opset < oldestOpset || opset > newestOpset))
    refuse("ai.onnx", opset, `${oldestOpset} to ${newestOpset}`);
  if (ml !== undefined && (ml < 1 || ml > newestMlOpset)) refuse("ai.onnx.ml", ml, `1 to ${newestMlOpset}`);
}

/**
 * Everything that is wrong, up to a hundred; structure first, and types only when the structure holds.
 * @throws onnx/bad-shape · onnx/too-costly when inference meets a contradiction
 */
export function problemsOf(model: Model): readonly Problem[] {
  const checker = new Checker(model);
  checker.functions();
  checker.graph(model.graph, new Set(), model.opsets);
  if (checker.problems.length === 0) checker.types();
  return checker.problems;
}

class Checker {
  readonly problems: Problem[] = [];
  private readonly model: Model;
  private readonly table: FunctionTable;

  constructor(model: Model) {
    this.model = model;
    this.table = new FunctionTable(model);
  }

  private say(message: string, node?: Node): void {
    if (this.problems.length < maxProblems)
      this.problems.push({ node: node === undefined ? undefined : nodeLabel(node), message });
  }

  functions(): void {
    const seen = new Set<string>();
    for (const fn of this.model.functions) {
      const name = operatorName({ domain: fn.domain, op: fn.name });
      const key = `${name}:${fn.overload ?? ""}`;
      if (seen.has(key)) this.say(`function ${quote(name)} is defined twice`);
      seen.add(key);
      // Which of the two a runtime takes differs between runtimes.
      if (factsOf({ domain: fn.domain, op: fn.name, opset: newestOpset }) !== undefined)
        this.say(`function ${quote(name)} redefines an operator`);
      const known = new Set(fn.inputs);
      if (known.size !== fn.inputs.length) this.say(`function ${quote(name)} has two inputs of one name`);
      this.nodes(fn.nodes, known, fn.opsets);
      for (const output of fn.outputs)
        if (!known.has(output)) this.say(`output ${quote(output)} of function ${quote(name)} is made by no node`);
    }
  }

  /** `outer` holds the names around a subgraph; it is not changed. */
  graph(graph: Graph, outer: ReadonlySet<string>, opsets: ReadonlyMap<string, number>): void {
    const known = new Set(outer);
    const own = new Set<string>();
    const define = (name: string, what: string): void => {
      if (name === "") this.say(`an ${what} has no name`);
      if (own.has(name) || outer.has(name)) this.say(`the name ${quote(name)} is given twice`);
      own.add(name);
      known.add(name);
    };
    for (const info of graph.inputs) {
      define(info.name, "input");
      if (outer.size === 0 && info.type === undefined) this.say(`input ${quote(info.name)} has no type`);
    }
    for (const name of [...graph.initializers.keys(), ...(graph.sparseInitializers?.keys() ?? [])]) {
      if (!graph.inputs.some((info) => info.name === name)) define(name, "initializer");
    }
    this.nodes(graph.nodes, known, opsets);
    const outputs = new Set<string>();
    for (const { name } of graph.outputs) {
      if (!known.has(name)) this.say(`output ${quote(name)} is made by no node`);
      if (outputs.has(name)) this.say(`output ${quote(name)} is listed twice`);
      outputs.add(name);
    }
  }

  private nodes(nodes: readonly Node[], known: Set<string>, opsets: ReadonlyMap<string, number>): void {
    for (const node of nodes) {
      for (const input of node.inputs) {
        if (input === "" || known.has(input)) continue;
        const meant = near(input, known);
        this.say(`reads ${quote(input)}, which nothing before it makes${meant === undefined ? "" : ` (near: ${meant})`}`, node);
      }
      this.operator(node, opsets);
      for (const { graph } of subgraphs(node)) this.graph(graph, known, opsets);
      for (const output of node.outputs) {
        if (output === "") continue;
        if (known.has(output)) this.say(`makes ${quote(output)}, which is there already`, node);
        known.add(output);
      }
    }
  }

  private operator(node: Node, opsets: ReadonlyMap<string, number>): void {
    if (this.table.of(node) !== undefined) return;
    const opset = opsets.get(node.domain);
    if (opset === undefined) return this.say(`the model imports no operator set for domain ${quote(node.domain)}`, node);
    const facts = factsOf({ ...node, opset });
    if (facts === undefined) return this.unknown(node, opset);
    if (facts.deprecated) return this.say(`${operatorName(node)} was taken out of ONNX in version ${facts.since}`, node);
    this.arity(node, facts);
    this.attributes(node, facts);
  }

  /** An operator of a domain we have no table of is the cost check's business. */
  private unknown(node: Node, opset: number): void {
    const inDomain = allOperators().filter(({ domain }) => domain === node.domain);
    if (inDomain.length === 0) return;
    const newer = inDomain.find(({ op }) => op === node.op)?.versions[0];
    if (newer !== undefined)
      return this.say(`${operatorName(node)} came with version ${newer}, the model imports ${opset}`, node);
    const meant = near(
      node.op,
      inDomain.map(({ op }) => op),
    );
    this.say(`there is no operator ${quote(operatorName(node))}${meant === undefined ? "" : ` (near: ${meant})`}`, node);
  }

  private arity(node: Node, facts: OperatorFacts): void {
    for (const side of ["inputs", "outputs"] as const) {
      const [min, max] = facts.arity[side];
      const count = node[side].length;
      if (count < min || count > max) this.say(`has ${count} ${side}, takes ${min === max ? min : `${min} to ${max}`}`, node);
    }
    for (const [i, formal] of facts.inputs.entries()) {
      if (formal.option === "single" && node.inputs[i] === "") this.say(`input ${quote(formal.name)} must be given`, node);
    }
  }

  private attributes(node: Node, facts: OperatorFacts): void {
    for (const [name, { kind, required }] of facts.attributes) {
      const given = node.attributes.get(name);
      if (given === undefined) {
        if (required) this.say(`attribute ${quote(name)} must be given`, node);
        continue;
      }
      const found = given.kind === "reference" ? given.of : given.kind;
      if (found !== kind) this.say(`attribute ${quote(name)} is ${found}, takes ${kind}`, node);
    }
    for (const name of node.attributes.keys()) {
      if (facts.attributes.has(name)) continue;
      const meant = near(name, facts.attributes.keys());
      this.say(`has no attribute ${quote(name)}${meant === undefined ? "" : ` (near: ${meant})`}`, node);
    }
  }

  types(): void {
    const { graph } = this.model;
    const { values } = inferModel(this.model, { trustDeclared: false, visit: (visit) => this.visit(visit) });
    for (const { name, type } of graph.outputs) {
      const made = values.get(name)?.type;
      if (type === undefined || made === undefined) continue;
      const [declared, found] = [typeName(type), typeName(made)];
      if (declared !== undefined && found !== undefined && declared !== found) {
        this.say(`output ${quote(name)} is declared ${declared}, the graph makes ${found}`);
      }
      this.ranks(name, type, made);
    }
  }

  private ranks(name: string, declared: ValueType, made: ValueType): void {
    if (declared.kind !== "tensor" || made.kind !== "tensor" || declared.dims === undefined || made.dims === undefined) return;
    if (declared.dims.length !== made.dims.length) {
      this.say(`output ${quote(name)} is declared with ${declared.dims.length} dimensions, the graph makes ${made.dims.length}`);
    }
  }

  private visit({ node, inputs }: Visit): void {
    if (this.table.of(node) !== undefined) return;
    const facts = factsOf({ ...node, opset: this.model.opsets.get(node.domain) ?? newestOpset });
    if (facts === undefined) return;
    const variables = new Map<string, string>();
    for (const [i, input] of inputs.entries()) {
      const formal = facts.inputs[i] ?? facts.inputs.at(-1);
      const type = input?.type === undefined ? undefined : typeName(input.type);
      if (formal !== undefined && type !== undefined) this.inputType(node, { formal, type, variables });
    }
  }

  private inputType(
    node: Node,
    { formal, type, variables }: { formal: Formal; type: string; variables: Map<string, string> },
  ): void {
    if (!formal.types.has(type)) return this.say(`input ${quote(formal.name)} is ${type}, which it does not take`, node);
    if (formal.variable === undefined || !formal.homogeneous) return;
    const other = variables.get(formal.variable);
    if (other !== undefined && other !== type)
      this.say(`input ${quote(formal.name)} is ${type}, others of its type are ${other}`, node);
    variables.set(formal.variable, type);
  }
}

/** A type in the words of the operator table; undefined when it is not wholly known. */
function typeName(type: ValueType): string | undefined {
  if (type.kind === "tensor") return type.elementType;
  if (type.kind === "sequence" || type.kind === "optional") {
    const of = type.of === undefined ? undefined : typeName(type.of);
    if (of === undefined) return undefined;
    return type.kind === "sequence" ? `seq(${of})` : `optional(${of})`;
  }
  return undefined;
}
