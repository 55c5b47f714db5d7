import type { SoftwarePackage } from "../../../posture/scan/index.ts";
import { bomDocument } from "./document.ts";
import type { Bom, BomParts } from "./document.ts";

/** What the packages were found in. */
export interface PackageBomFacts extends Pick<BomParts, "toolVersion" | "timestamp"> {
  readonly name: string;
  readonly packages: readonly SoftwarePackage[];
}

/**
 * The packages of a container image: one component for each, with its package URL and where it was found.
 * @example
 * JSON.stringify(packageBom({ name: "app.tar", packages, toolVersion: version, timestamp: new Date().toISOString() }));
 */
export function packageBom({ name, packages, toolVersion, timestamp }: PackageBomFacts): Bom {
  return bomDocument({
    subject: { type: "container", "bom-ref": "image", name },
    components: packages.map(({ name: component, version, purl, foundIn }) => ({
      type: "library",
      "bom-ref": purl,
      name: component,
      version,
      purl,
      evidence: { occurrences: [{ location: `/${foundIn}` }] },
    })),
    dependsOn: new Map([["image", packages.map(({ purl }) => purl)]]),
    toolVersion,
    timestamp,
  });
}
