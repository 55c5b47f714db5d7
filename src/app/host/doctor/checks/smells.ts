import { isIP } from "node:net";
import type { Finding } from "../../../../base/finding/index.ts";
import type { ModelkeepConfig } from "../../config.ts";
import { defineCheck } from "../define.ts";

type Smell = (config: ModelkeepConfig) => Omit<Finding, "rule"> | undefined;

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/** Settings that are allowed and seldom meant. The key is the rule's id after `config/`. */
const smells: Readonly<Record<string, Smell>> = {
  "no-tls": ({ gateway }) =>
    isLoopback(gateway.host) || gateway.tls !== undefined
      ? undefined
      : {
          severity: "high",
          message: "the service listens beyond this machine without TLS",
          where: { setting: "gateway.tls", endpoint: `${gateway.host}:${gateway.port}` },
          why: "keys and tensors can be read on the way",
          fix: "set `gateway.tls`, or listen on loopback behind a proxy that speaks TLS",
          references: ["cwe:319"],
        },
  "open-metrics": ({ gateway }) =>
    gateway.metrics === undefined || isLoopback(gateway.metrics.host)
      ? undefined
      : {
          severity: "medium",
          message: "metrics are open to everyone who reaches their port",
          where: { setting: "gateway.metrics.host", endpoint: `${gateway.metrics.host}:${gateway.metrics.port}` },
          why: "they name models and show who is busy when",
          fix: "listen on loopback, or leave `gateway.metrics` out: then /metrics asks for a credential",
        },
  "async-audit": ({ audit }) =>
    audit.mode === "strict"
      ? undefined
      : {
          severity: "medium",
          message: "answers leave before their entry is durable",
          where: { setting: "audit.mode" },
          evidence: `a crash loses at most ${audit.maxPendingBytes} bytes or ${audit.maxPendingMs} ms of entries`,
          why: "an answer without an entry cannot be shown to an auditor",
          fix: "audit: { mode: strict }",
        },
  "wide-proxies": ({ firewall }) => {
    const wide = firewall.proxies.trusted.find(
      (network) => Number(network.split("/")[1] ?? 32) < (network.includes(":") ? 32 : 8),
    );
    return wide === undefined
      ? undefined
      : {
          severity: "high",
          message: "nearly everyone is believed about their own address",
          where: { setting: "firewall.proxies.trusted" },
          evidence: wide,
          why: "limits, bans and allowed networks go by the address that a trusted proxy reports",
          fix: "list exactly the proxies' own addresses",
          references: ["cwe:348"],
        };
  },
  "bans-off": ({ firewall }) =>
    firewall.bans.automatic
      ? undefined
      : {
          severity: "low",
          message: "nobody is banned automatically",
          where: { setting: "firewall.bans.automatic" },
          why: "a client that guesses keys is limited, but never shut out",
          fix: "firewall: { bans: { automatic: true } }",
        },
};

/** The configuration, for what an operator should have meant. */
export const configSmells = defineCheck({
  id: "config",
  title: "Settings that are allowed and seldom meant",
  async run({ config }) {
    const findings = Object.entries(smells).flatMap(([id, smell]): Finding[] => {
      const found = smell(config.value);
      return found === undefined ? [] : [{ rule: `config/${id}`, ...found }];
    });
    return { findings };
  },
});
