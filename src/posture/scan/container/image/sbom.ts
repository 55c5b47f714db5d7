import type { SoftwarePackage } from "./packages.ts";

/** What an SBOM is about. */
export interface SbomSubject {
  readonly name: string;
  readonly packages: readonly SoftwarePackage[];
  /** The version of this program. */
  readonly toolVersion: string;
  /** RFC 3339. */
  readonly timestamp: string;
}

/**
 * A bill of materials in CycloneDX 1.6 (ECMA-424): one component for each installed package, with its package URL and where it was found.
 * @example
 * JSON.stringify(cycloneDx({ name: "app.tar", packages, toolVersion: version, timestamp: new Date().toISOString() }));
 */
export function cycloneDx({ name, packages, toolVersion, timestamp }: SbomSubject): Readonly<Record<string, unknown>> {
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp,
      tools: { components: [{ type: "application", name: "modelkeep", version: toolVersion }] },
      component: { type: "container", "bom-ref": "image", name },
    },
    components: packages.map(({ name: component, version, purl, foundIn }) => ({
      type: "library",
      "bom-ref": purl,
      name: component,
      version,
      purl,
      evidence: { occurrences: [{ location: `/${foundIn}` }] },
    })),
    dependencies: [{ ref: "image", dependsOn: packages.map(({ purl }) => purl) }],
  };
}
