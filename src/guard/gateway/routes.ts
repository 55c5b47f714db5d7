import type { Caller } from "../access/index.ts";
import type { Ask } from "./ask.ts";
import type { GatewayParts } from "./face.ts";
import { jsonAnswer, type Answer } from "./http/answer.ts";
import type { Exchange } from "./http/exchange.ts";
import type { LeavingFor } from "./leaving.ts";
import type { ServedModel } from "./models/models.ts";
import { openapiDocument } from "./openapi/openapi.ts";
import { modelMetadata, serverMetadata } from "./protocol/bodies.ts";

/** Takes an exchange to its answer, or throws the refusal. */
export type Walk = (exchange: Exchange) => Promise<Answer>;

export interface Route {
  readonly method: "GET" | "POST";
  /** Path pattern; `:name` and `:version` are the only variables. */
  readonly path: string;
  readonly walk: Walk;
}

export interface RouteParts {
  readonly ask: Ask;
  readonly infer: Walk;
  readonly leavingFor: LeavingFor;
  readonly gateway: GatewayParts;
  /** Whether requests are taken: false while draining or while the log takes no entries. */
  readonly isReady: () => boolean;
}

/**
 * Every path of the Open Inference Protocol v2 over HTTP, and three of ours: the list of models (the protocol has none), the OpenAPI
 * document, and metrics.
 */
export function routesOf({ ask, infer, leavingFor, gateway, isReady }: RouteParts): readonly Route[] {
  const { models, scrape, config } = gateway;
  const get = (path: string, walk: Walk): Route => ({ method: "GET", path, walk });
  const health = (answer: () => Answer): Walk =>
    config.openHealth
      ? (exchange) => ask.openly(exchange, answer)
      : (exchange) => ask.aboutService(exchange, "readServer", answer);
  const describe = (model: ServedModel, caller: Caller) =>
    jsonAnswer(modelMetadata({ name: model.name, versions: models.versions(model.name), ...leavingFor(model, caller) }));
  const ready = (model: ServedModel) => jsonAnswer({ name: model.name, ready: true });
  const metricsHere = scrape !== undefined && config.metrics === undefined;
  const document = jsonAnswer(
    openapiDocument({ version: gateway.version, openHealth: config.openHealth, metrics: metricsHere, limits: config }),
  );

  return [
    get(
      "/v2/health/live",
      health(() => jsonAnswer({ live: true })),
    ),
    get(
      "/v2/health/ready",
      health(() => jsonAnswer({ live: true, ready: isReady() }, isReady() ? 200 : 503)),
    ),
    get("/v2", (exchange) => ask.aboutService(exchange, "readServer", () => jsonAnswer(serverMetadata(gateway.version)))),
    get("/v2/models", (exchange) => ask.aboutModels(exchange, (visible) => jsonAnswer(listOf(visible)))),
    ...["/v2/models/:name", "/v2/models/:name/versions/:version"].flatMap((path): Route[] => [
      get(path, (exchange) => ask.aboutModel(exchange, describe)),
      get(`${path}/ready`, (exchange) => ask.aboutModel(exchange, ready)),
      { method: "POST", path: `${path}/infer`, walk: infer },
    ]),
    get("/openapi.json", (exchange) => ask.openly(exchange, () => document)), // the same for everybody, and it names no model
    ...(metricsHere
      ? [get("/metrics", (exchange) => ask.aboutService(exchange, "readMetrics", () => metricsAnswer(scrape)))]
      : []),
  ];
}

export async function metricsAnswer(scrape: NonNullable<GatewayParts["scrape"]>): Promise<Answer> {
  const { contentType, body } = await scrape();
  return { headers: { "content-type": contentType }, body };
}

function listOf(visible: readonly ServedModel[]): unknown {
  const models = new Map<string, { name: string; versions: string[] }>();
  for (const { name, version } of visible) {
    const model = models.get(name) ?? { name, versions: [] };
    model.versions.push(version);
    models.set(name, model);
  }
  return { models: [...models.values()] };
}
