import type { Model } from "../../../model/onnx/index.ts";
import type { Session } from "../../../model/runtime/index.ts";

/** How a session of a graph is opened. */
export type OpenGraph = (model: Model) => Promise<Session>;

/** Graphs of one model by name: each is written when it is first looked at, opened when it is first asked, and closed with the others. */
export interface Sessions<Graph extends { readonly model: Model }> {
  of(key: string, write: () => Graph): { readonly graph: Graph; session(): Promise<Session> };
  close(): Promise<void>;
}

/** None yet. */
export function createSessions<Graph extends { readonly model: Model }>(open: OpenGraph): Sessions<Graph> {
  const written = new Map<string, { readonly graph: Graph; session(): Promise<Session> }>();
  const opened: Promise<Session>[] = [];
  return {
    of(key, write) {
      const known = written.get(key);
      if (known !== undefined) return known;
      const graph = write();
      let session: Promise<Session> | undefined;
      const entry = {
        graph,
        session() {
          if (session === undefined) opened.push((session = open(graph.model)));
          return session;
        },
      };
      written.set(key, entry);
      return entry;
    },
    async close() {
      await Promise.all(opened.map(async (session) => (await session).close()));
    },
  };
}
