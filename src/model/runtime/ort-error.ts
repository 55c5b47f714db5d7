/**
 * ONNX Runtime's JavaScript errors carry a sentence and nothing else, so its sentences are read here, once. Shapes seen in 1.30:
 *   Non-zero status code returned while running Gather node. Name:'emb/Gather' Status Message: indices element out of data bounds, …
 *   Type Error: Type parameter (T) of Optype (Add) bound to different types (…) in node (name).
 *   This is an invalid model. In Node, ("foo", Foo, "evil", -1) : … , Error No opset import for domain 'evil'
 */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import type { ErrorDetails } from "../../base/error/index.ts";
import type {} from "./errors.ts";

const running = /while running (\S+) node\. Name:'(.*?)' Status Message: (.*)/s;
const invalidNode = /In Node, \("(.*?)", (\S+?), .*?, Error (.*)/s;
const typedNode = /^(.*) in node \((.*)\)\.?\s*$/s;
const outOfMemory = /Failed to allocate memory|bad_alloc|bad allocation|Array buffer allocation failed|out of memory/i;
const badFeeds =
  /missing in 'feeds'|Invalid (?:rank for input|input name)|Got invalid dimensions for input|Unexpected input data type|Tensor's size\(|invalid output name|must be type of|Tensor\.data must be/;
// A path of the machine ONNX Runtime was built on, and the C++ signature after it, help nobody.
const buildNoise = /\/onnxruntime_src\/\S+:\d+ (?:[^\n]*?\) )?/g;
const statusNoise = /\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : /g;

/** What ONNX Runtime said. Cut, because names in it come from the model and can be as long as the file. */
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 4000);

/** What ONNX Runtime said, as one clean line. */
export function plainMessage(error: unknown): string {
  return textOf(error).replace(statusNoise, "").replace(buildNoise, "").replace(/\s+/g, " ").trim();
}

/** An error of `session.run` as ours, with the node's name when ONNX Runtime told it. */
export function runError(error: unknown): ModelkeepError {
  const text = textOf(error);
  const [, operator, node] = running.exec(text) ?? [];
  const where = operator === undefined ? "the model" : `node ${quote(node === "" ? operator : node)} (${operator})`;
  if (outOfMemory.test(text)) {
    return new ModelkeepError("runtime/out-of-memory", {
      message: `${where} asked for more memory than there is`,
      hint: "send fewer rows at once, or give the model more memory",
      status: 503,
      cause: error,
    });
  }
  if (badFeeds.test(text)) {
    return new ModelkeepError("runtime/bad-input", {
      message: `the inputs do not fit the model: ${clip(plainMessage(error))}`,
      hint: "`modelkeep inspect` prints the names, types and shapes",
      status: 400,
      cause: error,
    });
  }
  const said = running.exec(text)?.[3] ?? text;
  return new ModelkeepError("runtime/run-failed", {
    message: `${where} failed on these inputs: ${clip(plainMessage(said))}`,
    hint: "check the values sent: an index out of range or a shape the model does not foresee ends like this",
    status: 400,
    cause: error,
  });
}

/** An error of opening a session as ours, with the node's name when ONNX Runtime told it. */
export function loadError(error: unknown): ModelkeepError {
  const text = textOf(error);
  const details = (what: string): ErrorDetails => ({
    message: what,
    hint: "`modelkeep inspect` checks the file; export the model again if it is damaged",
    status: 422,
    cause: error,
  });
  if (outOfMemory.test(text)) {
    return new ModelkeepError("runtime/load-limit", {
      message: "the model needs more memory to load than it may use",
      hint: "give the model more memory, or export a smaller one",
      status: 422,
      cause: error,
    });
  }
  if (/Unsupported data type|Non tensor type/.test(text)) {
    return new ModelkeepError("runtime/unsupported-type", {
      ...details(`an input or output has a type that ONNX Runtime cannot exchange: ${clip(plainMessage(error))}`),
      hint: "cast it to a plain tensor type inside the model; for scikit-learn export with zipmap=False",
    });
  }
  const named = invalidNode.exec(text);
  if (named) return new ModelkeepError("runtime/load-refused", details(nodeLine(named[1] || named[2]!, named[3]!)));
  const typed = typedNode.exec(text);
  if (typed) return new ModelkeepError("runtime/load-refused", details(nodeLine(typed[2]!, typed[1]!)));
  const ran = running.exec(text);
  if (ran) return new ModelkeepError("runtime/load-refused", details(nodeLine(ran[2] || ran[1]!, ran[3]!)));
  return new ModelkeepError("runtime/load-refused", details(`ONNX Runtime refused the model: ${clip(plainMessage(error))}`));
}

const nodeLine = (node: string, what: string): string =>
  `ONNX Runtime refused the model at node ${quote(node)}: ${clip(plainMessage(what))}`;

// Names inside come from the model, which may be hostile: escaped like any client text.
const clip = (text: string): string => quote(text, 300).slice(1, -1);
