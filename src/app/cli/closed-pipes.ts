interface Pipes {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  exit(code: number): never;
}

/**
 * A reader that has seen enough (`modelkeep audit export | head`) ends a command without a word, as SIGPIPE ends other programs: 128 + 13.
 * A service goes on, whoever has stopped to listen to what it prints.
 */
export function heedClosedPipes(argv: readonly string[], { stdout, stderr, exit }: Pipes): void {
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      if (argv[0] !== "serve") exit(141);
    });
  }
}
