import type { TrainEvent, TrainResult } from "./types.ts";

/**
 * Runs a training to its end. When `tell` throws, the training is closed before the error goes on: its worker would keep the process alive.
 * @example const { model } = await trainToEnd(train({ model, data, epochs: 1 }), (event) => console.log(event.kind));
 */
export async function trainToEnd(
  training: AsyncGenerator<TrainEvent, TrainResult>,
  tell: (event: TrainEvent) => void | Promise<void> = () => {},
): Promise<TrainResult> {
  try {
    for (;;) {
      const { value, done } = await training.next();
      if (done === true) return value;
      await tell(value);
    }
  } finally {
    await training.return(undefined as never);
  }
}
