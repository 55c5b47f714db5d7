/**
 * Settles at the first SIGTERM or SIGINT; from then on the next one has its default action. That ends the process at once, where
 * `process.exit` would wait for a model that is in the middle of a run.
 */
export function stopSignal(): Promise<void> {
  const names = ["SIGINT", "SIGTERM"] as const;
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const name of names) process.off(name, stop);
      resolve();
    };
    for (const name of names) process.on(name, stop);
  });
}
