import { readSecret } from "../../base/config/index.node.ts";
import { silentMeter } from "../../base/log/index.ts";
import type { Logger, Meter } from "../../base/log/index.ts";
import { systemClock, systemRandom } from "../../base/port/index.ts";
import type { Clock } from "../../base/port/index.ts";
import { openStore } from "../../base/store/index.node.ts";
import type { Store } from "../../base/store/index.ts";
import { accessMigrations, createAccess, preloadPolicyEngine } from "../../guard/access/index.ts";
import type { Access } from "../../guard/access/index.ts";
import { auditMigrations, createAuditLog, openAuditFolder, openSigner } from "../../guard/audit/index.ts";
import type { AuditLog } from "../../guard/audit/index.ts";
import { createFirewall, firewallMigrations, openSharedCounters } from "../../guard/firewall/index.ts";
import type { Counters, Firewall } from "../../guard/firewall/index.ts";
import { createClosers } from "./closers.ts";
import type { HostConfig } from "./load-config.ts";
import { openObjects } from "./objects.ts";
import { reconcile } from "./reconcile.ts";
import { openStateFolder } from "./state-folder.ts";
import type { StateFolder } from "./state-folder.ts";

/** Everything around the models: state, database, log, access, firewall. */
export interface OpenServices {
  readonly state: StateFolder;
  readonly store: Store;
  readonly audit: AuditLog;
  /** What salts of tensor commitments are derived from; it lies beside the log. */
  readonly commitmentSecret: Uint8Array;
  readonly access: Access;
  readonly firewall: Firewall;
  /** In the reverse order of opening. */
  close(): Promise<void>;
}

/** How the services are opened. */
export interface OpenOptions {
  readonly meter?: Meter;
  /** True where requests will be answered; false for a command that looks, or changes something, and ends. */
  readonly serves?: boolean;
}

/**
 * Opens the state folder and the services in it: the one place, beside `serve.ts`, that knows who needs whom.
 *
 * @throws `host/state-in-use` and whatever a room throws at opening; what was opened until then is closed again.
 */
export async function openServices(
  config: HostConfig,
  log: Logger,
  { meter = silentMeter, serves = false }: OpenOptions = {},
): Promise<OpenServices> {
  const { value, baseDir, stateDir } = config;
  const ports = { clock: systemClock, random: systemRandom, log, meter };
  const opened = createClosers();
  try {
    const state = opened.add(await openStateFolder(stateDir));
    const opening = openStore({
      ...(await database(config, state)),
      ownThread: serves,
      migrations: [...accessMigrations, ...auditMigrations, ...firewallMigrations],
    });
    if (serves) void preloadPolicyEngine().catch(() => {}); // while the database opens on its thread; `createAccess` tells what went wrong
    const store = opened.add(await opening);
    const disk = await openAuditFolder(state.auditDir);
    const signer = await openSigner({ disk, config: value.audit, baseDir });
    const objects = await openObjects(config);
    const audit = opened.add(
      await createAuditLog({ ...ports, disk, config: value.audit, store, signer, ...(objects === undefined ? {} : { objects }) }),
    );
    const counters = await sharedCounters(config, ports);
    const firewall = opened.add(
      await createFirewall({
        ...ports,
        config: value.firewall,
        store,
        evidence: audit,
        ...(counters === undefined ? {} : { counters }),
      }),
    );
    // A command that looks at the state decides about no request, so it leaves no entry that policies came into force.
    const parts = { ...ports, config: value.access, store, evidence: audit, baseDir, announce: serves };
    const access = opened.add(await createAccess(parts));
    if (serves && store.kind === "pglite") await reconcile({ audit, access, firewall, log, nowMs: systemClock.now() });
    return { state, store, audit, commitmentSecret: signer.commitmentSecret, access, firewall, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Limits counted together with other replicas, when the configuration says so; the firewall closes them. */
async function sharedCounters({ value, baseDir }: HostConfig, ports: Ports): Promise<Counters | undefined> {
  const { shared, limits } = value.firewall;
  if (shared === undefined) return undefined;
  return openSharedCounters({
    ...ports,
    url: await readSecret(shared.url, { baseDir }),
    config: shared,
    maxBuckets: limits.maxBuckets,
  });
}

interface Ports {
  readonly clock: Clock;
  readonly log: Logger;
  readonly meter: Meter;
}

async function database(
  { value, baseDir }: HostConfig,
  state: StateFolder,
): Promise<{ url?: string; dataDir?: string; maxConnections: number }> {
  const { url, maxConnections } = value.store;
  return url === undefined
    ? { dataDir: state.databaseDir, maxConnections }
    : { url: await readSecret(url, { baseDir }), maxConnections };
}
