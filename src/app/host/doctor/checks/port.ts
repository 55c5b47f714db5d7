import { createServer } from "node:net";
import { defineCheck } from "../define.ts";

/** Is the port ours, or free? */
export const port = defineCheck({
  id: "port",
  title: "The port that the service is to listen on",
  async run({ config, servingUrl }) {
    if (servingUrl !== undefined) return { findings: [] };
    const { host, port } = config.value.gateway;
    if (port === 0) return { skipped: "the configuration asks for any free port" };
    const code = await tryListening(host, port);
    if (code === undefined) return { findings: [] };
    return {
      findings: [
        {
          rule: "port/not-usable",
          severity: "high",
          message: "the service could not listen on its port",
          where: { endpoint: `${host}:${port}`, setting: "gateway.port" },
          evidence: code,
          why: "`modelkeep serve` would end at once",
          fix:
            code === "EADDRINUSE"
              ? "stop what listens there, or choose another `gateway.port`"
              : "choose a port and an address that this user may listen on",
        },
      ],
    };
  },
});

function tryListening(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
