import { readFile, stat } from "node:fs/promises";
import type { Server } from "node:https";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { Logger } from "../../../base/log/index.ts";
import type { GatewayConfig } from "../config.ts";
import type {} from "../errors.ts";

type TlsConfig = NonNullable<GatewayConfig["tls"]>;

/**
 * Certificate and key, checked to belong together.
 *
 * @throws `gateway/bad-tls-files`
 */
export async function readTlsFiles(config: TlsConfig): Promise<SecureContextOptions> {
  try {
    const [cert, key] = await Promise.all([readFile(config.cert), readFile(config.key)]);
    const options: SecureContextOptions = { cert, key, minVersion: config.minVersion };
    createSecureContext(options);
    return options;
  } catch (cause) {
    throw new ModelkeepError("gateway/bad-tls-files", {
      message: `cannot use the certificate ${quote(config.cert)} with the key ${quote(config.key)}: ${quote((cause as Error).message, 160)}`,
      hint: "both are PEM files; the first certificate must be the one for this key",
      cause,
    });
  }
}

/** Takes up renewed files without dropping a connection. A pair that does not fit is reported and the old one stays. */
export function reloadTlsOnChange(server: Server, config: TlsConfig, log: Logger): { check(): Promise<void>; close(): void } {
  let loaded = stampOf(config);
  const check = async () => {
    const stamp = await stampOf(config);
    if (stamp === (await loaded)) return;
    loaded = Promise.resolve(stamp); // one report per change, also for a pair that does not fit
    try {
      server.setSecureContext(await readTlsFiles(config));
      log.info("tls files reloaded", { cert: config.cert });
    } catch (error) {
      log.error("tls files not reloaded, the old ones stay in use", { error });
    }
  };
  const timer = setInterval(() => void check(), config.reloadMs);
  timer.unref();
  return { check, close: () => clearInterval(timer) };
}

async function stampOf(config: TlsConfig): Promise<string> {
  const stamps = [config.cert, config.key].map(async (path) => {
    const { mtimeMs, size, ino } = await stat(path).catch(() => ({ mtimeMs: 0, size: 0, ino: 0 }));
    return `${mtimeMs}:${size}:${ino}`;
  });
  return (await Promise.all(stamps)).join(" ");
}
