/** What a model is asked for: classes, or a task whose settings a person declares. */
import { ModelkeepError, nearest, quote } from "../../../base/error/index.ts";
import { parseQuantity, tasks } from "../../../lab/assess/index.ts";
import type { TaskRequest, TaskSettings } from "../../../lab/assess/index.ts";
import { badData } from "../train/refuse.ts";
import type { AssessRequest } from "./request.ts";

type Asked = Pick<AssessRequest, "task" | "tolerance" | "hold" | "confidence" | "boxes">;

/** Which tasks know which setting. */
const settingsOf: Readonly<Record<string, readonly string[]>> = {
  tolerance: ["regression"],
  hold: ["segmentation", "detection"],
  confidence: ["detection"],
  boxes: ["detection"],
};

/**
 * The task and its settings; undefined for classification.
 *
 * @throws assess/unsupported-task when there is no such task · api/bad-data when a setting is none, or none of the task's
 */
export function taskOf(request: Asked): Pick<TaskRequest, "task" | "settings"> | undefined {
  const { task = "classification" } = request;
  for (const [name, known] of Object.entries(settingsOf)) {
    if (request[name as keyof Asked] !== undefined && !known.includes(task))
      throw badData(
        `--${name} says nothing about ${quote(task)}`,
        `it belongs to ${known.map((one) => `--task ${one}`).join(" and ")}`,
      );
  }
  if (task === "classification") return undefined;
  if (!tasks.has(task)) throw noTask(task);
  return { task: tasks.get(task), settings: settingsFrom(request) };
}

function noTask(task: string): ModelkeepError {
  const known = ["classification", ...tasks.all.map(({ id }) => id)];
  const meant = nearest(task, known);
  return new ModelkeepError("assess/unsupported-task", {
    message: `${quote(task)} is no task that can be assessed`,
    hint: meant === undefined ? `tasks: ${known.join(", ")}` : `did you mean \`--task ${meant}\`? tasks: ${known.join(", ")}`,
    status: 400,
    exit: 4,
  });
}

function settingsFrom({ tolerance, hold, confidence, boxes, task }: Asked): TaskSettings {
  if (task === "regression" && tolerance === undefined) {
    throw badData(
      "regression needs --tolerance: how far off an answer may be before it counts as wrong",
      "in the units of the answer: `--tolerance 0.1`, `--tolerance 0.1,5` for each output, `--tolerance l2:0.5`",
    );
  }
  if (boxes !== undefined && boxes !== "xyxy" && boxes !== "cxcywh")
    throw badData(`${quote(boxes)} is no form of boxes`, "xyxy: two corners; cxcywh: the centre, the width and the height");
  if (confidence !== undefined && !(confidence > 0 && confidence <= 1))
    throw badData(`a confidence of ${confidence} is none`, "a score above 0 and at most 1, such as 0.5");
  return {
    ...(tolerance === undefined ? {} : toleranceFrom(tolerance)),
    hold: hold === undefined ? undefined : shareFrom(hold),
    confidence,
    boxes,
  };
}

function toleranceFrom(text: string): Pick<TaskSettings, "tolerance" | "distance"> {
  const [, length, list = ""] = /^\s*(l2:|max:)?(.*)$/i.exec(text) ?? [];
  const tolerance = list.split(",").map((word) => {
    const value = parseQuantity(word);
    if (value !== undefined && value > 0) return value;
    throw badData(
      `${quote(word)} is no tolerance`,
      "a number above 0 in the units of the answer, such as `--tolerance 0.1` or `l2:0.5`",
    );
  });
  return { tolerance, distance: length?.toLowerCase() === "l2:" ? "l2" : "max" };
}

function shareFrom(text: string): number {
  const value = parseQuantity(text);
  if (value !== undefined && value > 0 && value <= 1) return value;
  throw badData(`${quote(text)} is no share`, "write 0.75 or 75%");
}
