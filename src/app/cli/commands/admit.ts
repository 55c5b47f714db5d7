import type { Logger } from "../../../base/log/index.ts";
import { openAdmin } from "../admin-door.ts";
import type { Context } from "../context.ts";
import { defineCommand } from "../define.ts";
import { cell } from "../output.ts";
import { admitApi, host } from "../rooms.ts";
import { stopSignal } from "../stop-signal.ts";
import { refuseFlags } from "../usage.ts";

interface Flags {
  readonly policy?: string;
  readonly allowUnsigned?: true;
  readonly pss: "privileged" | "baseline" | "restricted";
  readonly k8sVersion?: string;
  readonly mode: "enforce" | "warn" | "audit";
  readonly exempt: readonly string[];
  readonly attestation: readonly string[];
  readonly models: boolean;
  readonly host: string;
  readonly port: string;
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly allowHttp?: true;
}

export const admitCommand = defineCommand({
  id: "admit",
  title: "Kubernetes admission webhook: signed images, signed models, pod security, or refused",
  examples: [
    "modelkeep admit --policy trust.yaml --tls-cert tls.crt --tls-key tls.key",
    "modelkeep admit --policy trust.yaml --tls-cert tls.crt --tls-key tls.key --mode warn --pss baseline --k8s-version 1.33",
    "modelkeep admit --policy trust.yaml --tls-cert tls.crt --tls-key tls.key --state /var/lib/modelkeep-admit",
    "modelkeep admit --allow-unsigned --tls-cert tls.crt --tls-key tls.key --exempt kube-system",
  ],
  declare: (command) =>
    command
      .option("--policy <file>", "whose signatures are believed: trust.yaml; read again when it changes")
      .option("--allow-unsigned", "ask for digests and pod security only; instead of --policy")
      .option("--pss <level>", "Pod Security Standard: restricted, baseline, or privileged for none", "restricted")
      .option("--k8s-version <version>", "Kubernetes minor version to judge by, such as 1.33 (default: the newest known)")
      .option(
        "--mode <mode>",
        "enforce refuses; warn admits and says why not; audit writes it to the cluster's audit log",
        "enforce",
      )
      .option("--exempt <namespace...>", "namespaces that are not looked at", [])
      .option(
        "--attestation <type...>",
        "what must be attested of every image beside its signature: slsaprovenance, cyclonedx, …",
        [],
      )
      .option("--no-models", "do not look at models that workloads name")
      .option("--host <address>", "address to listen on", "0.0.0.0")
      .option("--port <number>", "TCP port, 0 for a free one", "8443")
      .requiredOption("--tls-cert <file>", "certificate chain, PEM; read again when it changes")
      .requiredOption("--tls-key <file>", "private key, PEM")
      .option("--allow-http", "speak unencrypted HTTP to registries"),
  async run(context, { flags: given }) {
    const flags = given as unknown as Flags;
    const { output } = context;
    const wrong = usageOf(flags);
    if (wrong !== undefined) return refuseFlags(output, wrong);
    const log = await context.logger((await context.config()).value.log);
    const stopped = stopSignal();
    const kept = await openLog(context, log);
    try {
      const admission = await (await admitApi()).admit({ ...flags, port: Number(flags.port), log, evidence: kept?.evidence });
      output.value({ url: admission.url, ...(kept !== undefined && { state: kept.stateDir }) });
      output.text(`answers   ${admission.url}/validate`);
      if (kept !== undefined) output.text(`log       ${cell(kept.stateDir)}`);
      await stopped;
      await admission.close();
    } finally {
      await kept?.close();
    }
    return 0;
  },
});

/** The log of the state folder, where one is configured: decisions are entered there, and other commands read it meanwhile. */
async function openLog(context: Context, log: Logger) {
  const config = await context.config();
  if (!config.explain().some(({ path, origin }) => path === "state" && origin.kind !== "default")) return undefined;
  const services = await (await host()).openServices(config, log);
  const { access, firewall, audit, state } = services;
  try {
    const door = await openAdmin({ services: { access, firewall, audit }, state, by: context.by, log });
    const close = async (): Promise<void> => {
      await door.close();
      await services.close();
    };
    return { evidence: audit, stateDir: state.dir, close };
  } catch (error) {
    await services.close();
    throw error;
  }
}

function usageOf({ policy, allowUnsigned, pss, mode, port, k8sVersion, attestation }: Flags): string | undefined {
  if ((policy === undefined) === (allowUnsigned === undefined))
    return "say whose signatures are believed with --policy, or --allow-unsigned";
  if (allowUnsigned === true && attestation.length > 0) return "--attestation needs --policy";
  if (!["privileged", "baseline", "restricted"].includes(pss)) return "--pss is restricted, baseline or privileged";
  if (!["enforce", "warn", "audit"].includes(mode)) return "--mode is enforce, warn or audit";
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return "--port is a number from 0 to 65535";
  if (k8sVersion !== undefined && !/^v?1\.\d{1,2}$|^latest$/.test(k8sVersion))
    return "--k8s-version is a minor version such as 1.33";
  return undefined;
}
