import { relative } from "node:path";
import type { Keep } from "../../host/index.ts";
import { openAdmin } from "../admin-door.ts";
import { defineCommand } from "../define.ts";
import { host } from "../rooms.ts";
import { stopSignal } from "../stop-signal.ts";
import type { Exit } from "../define.ts";
import type { Output } from "../output.ts";

export const serveCommand = defineCommand({
  id: "serve",
  title: "serve models behind credentials, limits and policies, with a verifiable log",
  examples: [
    "modelkeep serve                          # the bundled digit classifier",
    "modelkeep serve model.onnx               # your own; its name is the file's stem",
    "modelkeep serve --config modelkeep.yaml  # several models and versions",
    "modelkeep serve model.onnx --host 0.0.0.0 --port 8443 --tls-cert cert.pem --tls-key key.pem",
  ],
  declare: (command) =>
    command
      .argument("[models...]", "ONNX files or folders")
      .option("--host <address>", "address to listen on (default: 127.0.0.1)")
      .option("--port <number>", "TCP port, 0 for a free one (default: 8080)")
      .option("--tls-cert <file>", "certificate chain, PEM; with --tls-key")
      .option("--tls-key <file>", "private key, PEM"),
  async run(context, { flags }) {
    const { output } = context;
    if ((flags["tlsCert"] === undefined) !== (flags["tlsKey"] === undefined)) {
      output.note("error: --tls-cert and --tls-key go together");
      return 4;
    }
    const config = await context.config();
    const log = await context.logger(config.value.log);
    const stopped = stopSignal();
    const keep = await (await host()).serve(config, log);
    try {
      const { access, firewall, audit, models, gateway, startedMs } = keep;
      const services = { access, firewall, audit, models, serving: { url: gateway.url, startedMs } };
      const admin = await openAdmin({ services, state: keep.state, by: context.by, log });
      greet(output, keep);
      await stopped;
      output.note("draining; a second signal ends at once");
      await admin.close();
    } finally {
      await keep.close();
    }
    return 0;
  },
});

function greet(output: Output, { gateway, models, firstKeyFile, bundled, state, startedMs }: Keep): Exit {
  const served = models.list();
  output.value({
    event: "ready",
    url: gateway.url,
    models: served.map(({ name, version, digest, isolation }) => ({ name, version, digest, isolation })),
    state: state.dir,
    firstKey: firstKeyFile ?? null,
    startMs: Math.round(Date.now() - startedMs),
    pid: process.pid,
  });
  const keyFile = firstKeyFile === undefined ? undefined : shortest(firstKeyFile);
  output.text(`serving at ${gateway.url}`);
  for (const { name, version, isolation } of served) {
    output.text(
      `  ${name} version ${version}, ${isolation === "worker" ? "trusted: in a worker thread" : "not vouched for: in a capped process"}`,
    );
  }
  output.text(`state      ${shortest(state.dir)}`);
  output.text(
    keyFile === undefined
      ? "keys       modelkeep keys create --principal NAME --role caller"
      : `first key  ${keyFile} (role admin)`,
  );
  if (bundled) output.text(`\n${tryLine(gateway.url, keyFile ?? "KEYFILE")}\n`);
  return 0;
}

/** A request that works as it stands: all pixels 0.5, written by the shell. */
function tryLine(url: string, keyFile: string): string {
  const pixels = `$(printf '0.5,%.0s' $(seq 783))0.5`;
  const body = `{\\"inputs\\":[{\\"name\\":\\"input\\",\\"datatype\\":\\"FP32\\",\\"shape\\":[1,1,28,28],\\"data\\":[${pixels}]}]}`;
  return `try it:\n  curl -s ${url}/v2/models/digits/infer -H "Authorization: Bearer $(cat ${keyFile})" -H content-type:application/json -d "${body}"`;
}

function shortest(path: string): string {
  const near = relative(process.cwd(), path);
  return near.length < path.length && !near.startsWith("..") ? near : path;
}
