import type { Output } from "./output.ts";

/** Ctrl-C asks for an orderly end, which `message` announces; a second one ends the process. */
export function interruption(output: Output, message: string): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    output.note(`${message}; Ctrl-C again ends at once`);
    controller.abort();
  };
  process.on("SIGINT", stop);
  return { signal: controller.signal, release: () => void process.off("SIGINT", stop) };
}
