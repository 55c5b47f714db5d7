import { systemClock } from "../../../base/port/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import { version } from "../../../base/port/index.node.ts";
import type { ScanResult } from "../../../posture/scan/index.ts";
import { packageBom } from "../../report/index.ts";

/** The packages of every image of a scan that listed them, each once, as CycloneDX. */
export function sbomOf({ targets }: ScanResult, clock: Clock = systemClock): string {
  const images = targets.filter(({ packages }) => packages !== undefined);
  const packages = new Map(images.flatMap((image) => image.packages!.map((one) => [one.purl, one])));
  const name = images.map(({ path }) => path).join(", ") || "nothing";
  const timestamp = new Date(clock.now()).toISOString();
  const bom = packageBom({ name, packages: [...packages.values()], toolVersion: version, timestamp });
  return `${JSON.stringify(bom, null, 2)}\n`;
}
