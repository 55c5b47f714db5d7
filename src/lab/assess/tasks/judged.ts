/** A model with a task's question behind it: told what is true of an example, does the answer still hold. */
import { createRegistry } from "../../../base/registry/index.ts";
import type { Registry } from "../../../base/registry/index.ts";
import { contractOf, elementFamily, extract, GraphBuilder, indexOf } from "../../../model/onnx/index.ts";
import type { Model, ModelContract, TensorSpec } from "../../../model/onnx/index.ts";
import { attackedInput, plainForm } from "../../attack/index.ts";
import type { JudgedModel } from "../../attack/index.ts";
import { all } from "./_all.ts";
import type { Task, TaskHead, TaskSettings } from "./define.ts";
import { badTruth, unsupportedTask } from "./refuse.ts";

/** Tasks beyond classification. */
export const tasks: Registry<Task> = createRegistry("task", all);

/** What is true of each example, `dims` numbers each. */
export interface Truth {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** What a task is asked with. */
export interface TaskRequest {
  readonly task: Task;
  readonly settings: TaskSettings;
  readonly truth: Truth;
  /** Names of the outputs, in the order in which the task takes them. */
  readonly outputs?: readonly string[] | undefined;
}

/** The model as attacks see it, and what the task says of itself. */
export interface TaskModel {
  readonly judged: JudgedModel;
  readonly head: Pick<TaskHead, "answers" | "figures" | "holds">;
}

/**
 * Writes a task's question behind a model.
 * @throws assess/unsupported-task · assess/bad-data · attack/unsupported-model
 */
export function judgedModel(given: Model, { task, settings, truth, outputs: names }: TaskRequest): TaskModel {
  const model = plainForm(given);
  const whole = extract(model, { outputs: outputsOf(contractOf(model), task, names).map(({ name }) => name) });
  const only = task.bare?.(whole, truth) ?? whole;
  const contract = contractOf(only);
  const { outputs } = contract;
  const part = attackedInput(contract);
  const strange = truth.data.findIndex((value) => !Number.isFinite(value));
  if (strange >= 0) throw badTruth("a true value is not a finite number", "clean the data first");
  const b = GraphBuilder.from(only).clearOutputs();
  const name = b.input(nameFor(only), "float32", [null, ...truth.dims]);
  const floats = outputs.map((spec): TensorSpec =>
    spec.type === "float32" ? spec : { ...spec, name: b.op("Cast", [spec.name], { to: 1 }), type: "float32" },
  );
  const { scores, answers, losses, figures, holds, notes } = task.head({
    b,
    outputs: floats,
    truth: { ...truth, name },
    settings,
  });
  b.output(scores, "float32", [null, answers.length]);
  for (const { value } of figures) b.output(value, "float32", [null]);
  return {
    judged: {
      ...part,
      model: b.model(only),
      logits: scores,
      classes: answers.length,
      notes: [
        ...notes,
        ...(only === whole ? [] : ["the Softmax or Sigmoid at the end was cut off: attacks work on what lies before it"]),
      ],
      judgement: { truth: { ...truth, name }, losses },
    },
    head: { answers, figures, holds },
  };
}

/** A name that the model has not. */
function nameFor({ graph }: Model): string {
  const { names } = indexOf(graph);
  let name = "truth";
  while (names.has(name)) name += "_told";
  return name;
}

function outputsOf(
  { outputs }: ModelContract,
  { id, takes, outputs: wanted }: Task,
  names: readonly string[] | undefined,
): readonly TensorSpec[] {
  const listed = outputs.map(({ name, dims }) => `${name} [${dims.map((dim) => dim ?? "?").join(", ")}]`).join(" · ");
  const refuse = (message: string): never => {
    throw unsupportedTask(message, `${id} takes ${takes}; the model declares ${listed}: name them with --output`);
  };
  if (names !== undefined) {
    if (names.length !== wanted) refuse(`${names.length} outputs were named`);
    return names.map((name) => outputs.find((one) => one.name === name) ?? refuse(`the model has no output ${name}`));
  }
  const floats = outputs.filter(({ type }) => elementFamily(type) === "float");
  if (floats.length < wanted || (wanted > 1 && floats.length > wanted)) refuse(`which of its outputs are meant was not said`);
  return floats.slice(0, wanted);
}
