/**
 * Named tensors that stay where the models run, and the models that read and renew them. A training step reads weights and optimiser
 * state and gives the next ones: here they never cross to another thread, and ONNX Runtime writes each into memory that is there already.
 */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import type {} from "./errors.ts";
import type { OrtSession } from "./ort.ts";
import type { NamedTensor, SessionInfo } from "./session.ts";

/** How a model hangs on state. Names of inputs and outputs are the model's, the other names are the state's. */
export interface Wiring {
  /** Inputs fed from state of another name. Inputs named as state is are fed from it without being listed here. */
  readonly feeds?: Readonly<Record<string, string>>;
  /** Outputs that become state when a run is over. */
  readonly updates?: Readonly<Record<string, string>>;
}

/** State and models on one thread. */
export interface HeldState {
  /** Takes a model; what it says of itself leaves out inputs that are fed from state and outputs that become it. Models are counted from 0. */
  add(session: OrtSession, wiring: Wiring): SessionInfo;
  /** Runs a model; without names, the outputs that do not become state are given. State changes only when the whole run succeeded. */
  run(graph: number, inputs: readonly NamedTensor[], outputs: readonly string[]): Promise<readonly NamedTensor[]>;
  /** Adds or replaces tensors; the memory is taken over. */
  write(tensors: readonly NamedTensor[]): void;
  /** Copies; of everything without names. @throws runtime/bad-input */
  read(names: readonly string[]): readonly NamedTensor[];
  close(): Promise<void>;
}

/** INVARIANT: `now` is what models read; `next` is memory of the same size that nobody reads, for the run that renews it. */
interface Cell {
  now: NamedTensor;
  next: NamedTensor | undefined;
}

interface Held {
  readonly session: OrtSession;
  readonly fed: readonly { readonly input: string; readonly state: string }[];
  readonly updates: ReadonlyMap<string, string>;
  readonly given: readonly string[];
}

/** Nothing held, no models. */
export function createHeldState(): HeldState {
  const cells = new Map<string, Cell>();
  const graphs: Held[] = [];
  const cellOf = (name: string): Cell => {
    const cell = cells.get(name);
    if (cell === undefined) throw noState(name);
    return cell;
  };

  return {
    add(session, { feeds = {}, updates = {} }) {
      const { inputs, outputs } = session.info;
      const fed = inputs.flatMap(({ name }) => {
        const state = Object.hasOwn(feeds, name) ? feeds[name]! : name;
        return cells.has(state) ? [{ input: name, state }] : [];
      });
      for (const state of Object.values(updates)) cellOf(state);
      const isFed = new Set(fed.map(({ input }) => input));
      const left = outputs.filter(({ name }) => !Object.hasOwn(updates, name));
      graphs.push({ session, fed, updates: new Map(Object.entries(updates)), given: left.map(({ name }) => name) });
      return { ...session.info, inputs: inputs.filter(({ name }) => !isFed.has(name)), outputs: left };
    },

    async run(graph, inputs, outputs) {
      const { session, fed, updates, given } = graphs[graph]!;
      const state = fed.map(({ input, state: name }) => Object.assign({}, cellOf(name).now, { name: input }));
      const wanted = outputs.length === 0 ? given : outputs;
      const into = new Map<string, NamedTensor>();
      for (const [output, name] of updates) {
        const cell = cellOf(name);
        cell.next ??= { ...cell.now, data: new Uint8Array(cell.now.data.byteLength) };
        into.set(output, cell.next);
      }
      const answers = await session.runInto([...inputs, ...state], [...wanted, ...updates.keys()], into);
      for (const name of updates.values()) {
        const cell = cellOf(name);
        [cell.now, cell.next] = [cell.next!, cell.now];
      }
      return answers.slice(0, wanted.length);
    },

    write(tensors) {
      for (const tensor of tensors) cells.set(tensor.name, { now: tensor, next: undefined });
    },

    read(names) {
      return (names.length === 0 ? [...cells.keys()] : names).map((name) => {
        const { now } = cellOf(name);
        return Object.assign({}, now, { data: new Uint8Array(now.data) });
      });
    },

    async close() {
      cells.clear();
      await Promise.all(graphs.splice(0).map(({ session }) => session.close()));
    },
  };
}

const noState = (name: string): ModelkeepError =>
  new ModelkeepError("runtime/bad-input", {
    message: `there is no state ${quote(name)}`,
    hint: "write it before a model reads it",
    status: 400,
  });
