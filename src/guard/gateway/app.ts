import Fastify, { type FastifyInstance } from "fastify";
import type { RequestListener, Server } from "node:http";
import type { Handler } from "./handler.ts";
import { unknownRoute, wrongMethod } from "./refusals.ts";
import type { Route, Walk } from "./routes.ts";

export interface AppParts {
  readonly routes: readonly Route[];
  readonly handle: (walk: Walk) => Handler;
  readonly nextId: () => string;
  readonly createServer: (listener: RequestListener) => Server;
}

/**
 * Fastify for routing and answering. What it would do by itself about bodies, logs, proxies and errors is off, because the walk
 * does it.
 */
export async function createApp({ routes, handle, nextId, createServer }: AppParts): Promise<FastifyInstance> {
  const astray = handle(async ({ request, reply }) => {
    const methods = methodsAt(routes, (request.raw.url ?? "").split("?", 1)[0]!);
    if (methods.length === 0 || methods.includes(request.method)) throw unknownRoute(); // or a path that cannot be decoded
    reply.header("allow", methods.join(", "));
    throw wrongMethod(request.method, methods);
  });
  const app = Fastify({
    serverFactory: (listener) => createServer(listener as RequestListener),
    genReqId: nextId,
    requestIdHeader: false,
    logger: false,
    trustProxy: false,
    return503OnClosing: false,
    routerOptions: { querystringParser: () => ({}), maxParamLength: 128 },
    frameworkErrors: (_, request, reply) => void astray(request, reply),
    clientErrorHandler: () => {}, // `client-error.ts` has its own listener
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  for (const { method, path, walk } of routes) {
    // In `onRequest`, because Fastify turns to the body before it calls a handler, and nothing is read for somebody who is refused.
    app.route({ method, url: path, onRequest: handle(walk), handler: () => undefined });
  }
  app.setNotFoundHandler(astray);
  app.setErrorHandler((_, request, reply) => astray(request, reply));
  await app.ready();
  return app;
}

function methodsAt(routes: readonly Route[], path: string): string[] {
  const parts = path.split("/");
  const fits = (pattern: string) => {
    const wanted = pattern.split("/");
    return wanted.length === parts.length && wanted.every((part, at) => part.startsWith(":") || part === parts[at]);
  };
  return routes
    .filter(({ path: pattern }) => fits(pattern))
    .flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
}
