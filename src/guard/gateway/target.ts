import type { Exchange } from "./http/exchange.ts";
import type { Models, ServedModel } from "./models/models.ts";
import { unknownModel } from "./refusals.ts";

const name = /^[A-Za-z0-9._-]{1,64}$/;

/** What a path names: a model that may or may not exist. */
export interface Target {
  readonly resource: { readonly type: "model"; readonly name: string; readonly version?: string };
  readonly found: ServedModel | undefined;
}

/**
 * Looks up what `/v2/models/{name}[/versions/{version}]` names. The version that policy is asked about is the one that would answer,
 * also when the path names none, or a label.
 *
 * @throws `gateway/unknown-model` for what cannot be a name, so that no such text reaches policies or caches
 */
export function targetOf(exchange: Exchange, models: Models): Target {
  const params = exchange.request.params as { readonly name: string; readonly version?: string };
  if (!name.test(params.name) || (params.version !== undefined && !name.test(params.version))) throw unknownModel();
  const found = models.find(params.name, params.version);
  const version = found?.version ?? params.version;
  return { resource: { type: "model", name: params.name, ...(version !== undefined && { version }) }, found };
}
