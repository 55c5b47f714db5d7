import { resolve } from "node:path";
import { ModelkeepError } from "../../../base/error/index.ts";
import { createChanges } from "./changes.ts";
import { sourcesOf } from "./config.ts";
import type {} from "./errors.ts";
import { createGatekeeper } from "./gatekeeper.ts";
import type { ModelsParts } from "./face.ts";
import { loadCandidate } from "./load.ts";
import type { Models } from "./models.ts";
import { Registry } from "./registry.ts";
import { scan } from "./scan.ts";
import { createUnseal } from "./unseal.ts";

/**
 * Loads the configured models and keeps them in step with their files: what is new is loaded whole before it serves, what is
 * replaced finishes its requests, what is bad leaves the old one serving.
 *
 * @throws `models/none` when nothing is configured; the error of a configured path that cannot be served
 * @example
 * const models = await createModels({ config, baseDir, runtime, evidence: audit, clock, log, meter });
 * models.find("digits")?.contract.inputs;
 */
export async function createModels(parts: ModelsParts): Promise<Models> {
  const { config, runtime, baseDir, clock, log, meter, checked } = parts;
  const sources = sourcesOf(config);
  if (sources.length === 0) throw nothingToServe();
  const gatekeeper = parts.gatekeeper ?? createGatekeeper({ config, baseDir, clock });
  const unseal = createUnseal({ identities: config.identities, baseDir, keys: parts.keys ?? {} });
  const registry = new Registry({
    scan: () => scan(sources, baseDir),
    load: (candidate, servingDigest) =>
      loadCandidate(candidate, servingDigest, { runtime, gatekeeper, unseal, baseDir, gated: checked?.get(candidate.path) }),
    changes: createChanges(parts.evidence, log),
    clock,
    log,
    settleMs: config.settleMs,
    drainMs: config.drainMs,
  });

  const { refused } = await registry.look({ onlySettled: false });
  checked?.clear(); // from here on files are read when they change
  const configured = new Set(sources.map((source) => resolve(baseDir, source.path)));
  const fatal = refused.find(({ path }) => configured.has(path));
  if (fatal !== undefined) {
    await registry.close();
    throw fatal.error;
  }

  const { catalogue } = registry;
  const stopGauge = meter.gauge("modelkeep_gateway_models", () => catalogue.list().length);
  const stopPolling = repeat(config.pollMs, () =>
    registry.look({ onlySettled: true }).catch((error: unknown) => log.error("looking for models failed", { error })),
  );
  return {
    find: (name, version) => catalogue.find(name, version),
    versions: (name) => catalogue.versions(name),
    list: () => catalogue.list(),
    reload: (by) => registry.look({ onlySettled: false, by }),
    async close() {
      stopPolling();
      stopGauge();
      await registry.close();
    },
  };
}

/** Runs `act` again and again, `everyMs` after it has finished, until the returned function is called. */
function repeat(everyMs: number, act: () => Promise<unknown>): () => void {
  let isStopped = false;
  const next = async () => {
    await act();
    if (!isStopped) timer = setTimeout(() => void next(), everyMs).unref();
  };
  let timer = setTimeout(() => void next(), everyMs).unref();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

function nothingToServe(): ModelkeepError {
  return new ModelkeepError("models/none", {
    message: "no model is configured",
    hint: "`modelkeep serve model.onnx`, or list paths under models.serve in modelkeep.yaml",
    exit: 4,
  });
}
