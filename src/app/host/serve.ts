import { resolve } from "node:path";
import type { Logger } from "../../base/log/index.ts";
import { createPrometheusMeter } from "../../base/log/index.node.ts";
import { systemClock, systemRandom, version } from "../../base/port/index.node.ts";
import { httpLimits } from "../../guard/firewall/index.ts";
import { checkModels, createGatekeeper, createGateway, createModels } from "../../guard/gateway/index.ts";
import type { Gateway, Models } from "../../guard/gateway/index.ts";
import { createRuntime } from "../../model/runtime/index.node.ts";
import { bundledModel } from "./bundled.ts";
import { createClosers } from "./closers.ts";
import { configEvidence } from "./config-evidence.ts";
import { ensureFirstKey } from "./first-key.ts";
import type { HostConfig } from "./load-config.ts";
import { openServices } from "./services.ts";
import type { OpenServices } from "./services.ts";
import { createTelemetry } from "./telemetry.ts";

/** A keep that serves. */
export interface Keep extends OpenServices {
  readonly models: Models;
  readonly gateway: Gateway;
  readonly startedMs: number;
  /** Where the first key lies, when one was made here and still works. */
  readonly firstKeyFile: string | undefined;
  /** True when no model was named, so the bundled digit classifier is served. */
  readonly bundled: boolean;
  /** Drains the gateway, then closes everything in reverse order of opening. */
  close(options?: { readonly deadlineMs?: number }): Promise<void>;
}

/**
 * Starts serving what the configuration names.
 *
 * @throws `host/*`, and what any room throws when it opens; nothing stays open then.
 * @example
 * const keep = await serve(await loadHostConfig(), createLogger({ level: "info" }));
 * console.error(keep.gateway.url);
 * await keep.close();
 */
export async function serve(config: HostConfig, log: Logger): Promise<Keep> {
  const startedMs = systemClock.now();
  const meter = createPrometheusMeter();
  const ports = { clock: systemClock, random: systemRandom, log, meter };
  const bundled = config.value.models.serve.length === 0;
  const models = bundled ? withBundled(config) : config.value.models;
  const checked = await checkModels(models, config.baseDir);
  const gatekeeper = createGatekeeper({ config: models, baseDir: config.baseDir, clock: systemClock });
  if (!bundled) gatekeeper.warm(); // its thread loads the scanner while the database opens
  const opened = createClosers();
  try {
    const services = opened.add(await openServices(config, log, { meter, serves: true }));
    const { audit, access, firewall, state } = services;
    const firstKey = await ensureFirstKey(access, state.firstKeyFile);
    const runtime = opened.add(createRuntime(ports));
    const served = opened.add(
      await createModels({
        ...ports,
        config: models,
        baseDir: config.baseDir,
        keys: config.value.keys,
        runtime,
        evidence: audit,
        checked,
        gatekeeper,
      }),
    );
    const { telemetry } = config.value;
    const traces =
      telemetry.otlpUrl === undefined
        ? undefined
        : opened.add(await createTelemetry({ ...telemetry, otlpUrl: telemetry.otlpUrl, version, log }));
    const gateway = opened.add(
      await createGateway({
        ...ports,
        access,
        firewall,
        audit,
        models: served,
        config: fromBaseDir(config),
        httpLimits: httpLimits(config.value.firewall),
        version,
        saltKey: services.commitmentSecret,
        scrape: async () => {
          const { text, contentType } = await meter.scrape();
          return { body: text, contentType };
        },
        ...(traces === undefined ? {} : { tracer: traces.tracer }),
      }),
    );
    await audit.append({
      kind: "service.started",
      outcome: "done",
      subject: { type: "service", id: gateway.url },
      versions: { modelkeep: version, node: process.versions.node },
      detail: { config: configEvidence(config) },
    });
    return {
      ...services,
      models: served,
      gateway,
      startedMs,
      bundled,
      firstKeyFile: firstKey ? state.firstKeyFile : undefined,
      close,
    };

    async function close(options: { readonly deadlineMs?: number } = {}): Promise<void> {
      await gateway.close(options);
      await audit
        .append({ kind: "service.stopped", outcome: "done", subject: { type: "service", id: gateway.url } })
        .catch(() => {});
      await opened.close();
    }
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The section with its files where the configuration means them: beside itself, not where the process happens to stand. */
function fromBaseDir({ value: { gateway }, baseDir }: HostConfig): HostConfig["value"]["gateway"] {
  const { tls } = gateway;
  if (tls === undefined) return gateway;
  return { ...gateway, tls: { ...tls, cert: resolve(baseDir, tls.cert), key: resolve(baseDir, tls.key) } };
}

function withBundled({ value }: HostConfig): HostConfig["value"]["models"] {
  return { ...value.models, serve: [bundledModel.path] };
}
