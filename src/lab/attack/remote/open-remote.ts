/** A target on the other side of the network: any server of the Open Inference Protocol v2. Nothing is known of it but its answers. */
import { decisions } from "../target.ts";
import type { AskOptions, AttackTarget, Rows } from "../target.ts";
import { unsupported } from "../white/logits.ts";
import { askServer } from "./ask.ts";
import { askAround } from "./one-by-one.ts";
import type { OneByOne } from "./one-by-one.ts";
import type { AskPort } from "./ask.ts";
import { inParts } from "./parts.ts";
import { areProbabilities, logarithm, twoScores } from "./probabilities.ts";
import { decodeAnswer, encodeQuestion, notProtocol, readMetadata, takesBinary } from "./wire.ts";
import type { WireAnswer, WireMetadata, WireSpec } from "./wire.ts";

/** How a server is asked. */
export interface RemoteOptions {
  /** Sent as `Authorization: Bearer …`. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The output that classifies; the first one of floats by default, as a label beside scores says less. */
  readonly output?: string;
  /** Number of classes, where the server answers with labels only. */
  readonly classes?: number;
  /** Number of classes, where neither the server nor `classes` says it. */
  readonly fallbackClasses?: number;
  /** Sizes of one example where the server leaves them open. */
  readonly rowDims?: readonly number[];
  /** Rows in one request. Default 64. */
  readonly maxRows?: number;
  /** The longest `Retry-After` that is obeyed. Default 60 s; a longer one ends the run with what was learnt. */
  readonly maxWaitMs?: number;
  /** How often one question is put at most. Default 6. */
  readonly attempts?: number;
  readonly fetch?: typeof fetch;
  readonly sleep?: AskPort["sleep"];
}

/**
 * Opens a model by its address, `https://host/v2/models/NAME`. Scores that are probabilities become their logarithms.
 * @throws attack/unreachable · attack/refused · attack/unsupported-model
 * @example
 * const target = await openRemoteTarget("https://host/v2/models/digits", { key });
 * await runAttack(attacks.get("square"), { target, x, labels, threat, budget: { totalQueries: 5000 } });
 */
export async function openRemoteTarget(url: string, options: RemoteOptions = {}): Promise<AttackTarget> {
  const port = portOf(options);
  const base = url.replace(/\/+$/, "");
  const metadata = readMetadata(await jsonOf(await askServer(port, base, {})));
  const input = soleInput(metadata);
  const output = chosenOutput(metadata, options.output);
  if (output === undefined)
    throw unsupported("it has no such output", `its outputs: ${metadata.outputs.map(({ name }) => name).join(", ")}`);
  const stated = input.shape.slice(1);
  const rowDims = stated.some((size) => size < 1) ? (options.rowDims ?? stated) : stated;
  if (rowDims.some((size) => size < 1))
    throw unsupported("the server leaves the size of one example open", "say how large one example is");
  const fixed = input.shape[0]! > 0 ? input.shape[0]! : undefined;
  const binary = await saysBinary(port, base);
  const ask = (rows: Rows, how: AskOptions): Promise<WireAnswer> =>
    question(port, { base, input: input.name, output: output.name, rowDims, binary }, rows, how);
  const labelsOnly = !output.datatype.startsWith("FP");
  const known = output.shape[1];
  // One score for each example stands for two classes, as in a file.
  const single = !labelsOnly && (known === 1 || output.shape.length === 1);
  const classes = single ? 2 : (options.classes ?? (known !== undefined && known > 1 ? known : options.fallbackClasses));
  const limits = { maxRows: fixed ?? options.maxRows ?? 64, fixed };
  const refusals: string[] = [];
  const onRefused = (): void => {
    if (refusals.length === 0)
      refusals.push("the server refuses inputs that it suspects: those count as not right, and as no success of an attack");
  };
  const around = (rows: Rows, how: AskOptions, single: Omit<OneByOne, "again">): Promise<Float64Array> =>
    inParts(rows, limits, (part, start) => {
      const again = how.again === undefined ? undefined : (row: number): boolean => how.again!(start + row);
      return askAround(part, { ...single, again }, (some) => ask(some, how));
    });
  const common = { name: base, rowDims, rowSize: rowDims.reduce((a, b) => a * b, 1), close: async () => {} };
  if (labelsOnly) {
    return {
      ...common,
      knowledge: "decisions",
      classes: classes ?? 2 ** 31 - 1,
      get notes() {
        return ["the server answers with labels only", ...refusals];
      },
      decide: async (rows, how = {}) => {
        const single = { fixed, width: 1, empty: -1, onRefused };
        return Int32Array.from(await around(rows, how, single));
      },
    };
  }
  if (classes === undefined) throw unsupported("the server does not say how many classes there are", "say how many there are");
  const width = single ? 1 : classes;
  const notes: string[] = [];
  let probabilities: boolean | undefined;
  const scores = async (rows: Rows, how: AskOptions = {}): Promise<Float32Array> => {
    const parts = { fixed, width, empty: Number.NaN, onRefused };
    const values = Float32Array.from(await around(rows, how, parts));
    if (values.length !== rows.count * width)
      throw notProtocol(`${values.length} scores for ${rows.count} examples of ${classes} classes`);
    const answered = values.filter((value) => !Number.isNaN(value));
    if (probabilities === undefined && answered.length > 0) {
      if (single)
        notes.push("the server answers with a single score: class 1 where it is above 0, or above one half of a probability");
      probabilities = areProbabilities(answered, width);
      if (probabilities) notes.push("the server answers with probabilities: attacks see their logarithms");
    }
    if (single) return twoScores(values, probabilities === true);
    return probabilities ? values.map(logarithm) : values;
  };
  return {
    ...common,
    knowledge: "scores",
    classes,
    get notes() {
      return [...notes, ...refusals];
    },
    scores,
    decide: async (rows, how) => decisions(await scores(rows, how), classes),
  };
}

const portOf = (options: RemoteOptions): AskPort => ({
  fetch: options.fetch ?? fetch,
  sleep: options.sleep ?? sleep,
  headers: { ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }), ...options.headers },
  maxWaitMs: options.maxWaitMs ?? 60_000,
  attempts: options.attempts ?? 6,
});

const sleep = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

async function jsonOf(answer: Response): Promise<unknown> {
  try {
    return await answer.json();
  } catch {
    throw notProtocol("its metadata are no JSON");
  }
}

/** What the server says of itself, above its models; one that says nothing is asked in JSON, which all of them speak. */
async function saysBinary(port: AskPort, base: string): Promise<boolean> {
  const server = base.replace(/\/models\/.*$/, "");
  if (server === base) return false;
  try {
    return takesBinary(await (await askServer({ ...port, attempts: 1, maxWaitMs: 0 }, server, {})).json());
  } catch {
    return false;
  }
}

const chosenOutput = ({ outputs }: WireMetadata, name: string | undefined): WireSpec | undefined =>
  name === undefined
    ? (outputs.find(({ datatype }) => datatype.startsWith("FP")) ?? outputs[0])
    : outputs.find((output) => output.name === name);

function soleInput({ inputs }: WireMetadata): WireSpec {
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0 || input.datatype !== "FP32" || input.shape.length < 2) {
    throw unsupported(
      `it takes ${inputs.map(({ name, datatype }) => `${name} (${datatype})`).join(", ") || "nothing"}`,
      "attacks change one input of FP32 numbers with a batch",
    );
  }
  return input;
}

interface Site {
  readonly base: string;
  readonly input: string;
  readonly output: string;
  readonly rowDims: readonly number[];
  readonly binary: boolean;
}

async function question(
  port: AskPort,
  { base, input, output, rowDims, binary }: Site,
  { x, count }: Rows,
  how: AskOptions,
): Promise<WireAnswer> {
  const { headers, body } = encodeQuestion({ name: input, shape: [count, ...rowDims], data: x }, output, binary);
  const answer = await askServer(port, `${base}/infer`, {
    method: "POST",
    headers,
    body: body as Uint8Array<ArrayBuffer>,
    signal: how.signal,
  });
  const head = answer.headers.get("inference-header-content-length");
  return decodeAnswer(new Uint8Array(await answer.arrayBuffer()), head === null ? undefined : Number(head), output);
}
