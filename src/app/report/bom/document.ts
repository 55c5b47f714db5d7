/** Bills of materials in CycloneDX 1.6 (ECMA-424, 2nd edition): the one place that writes the document. */
import { canonicalJson, digestOf, utf8 } from "../../../base/crypto/index.ts";

/** A component as the specification has it; what this program needs of it has a name. */
export interface BomComponent {
  readonly type: "application" | "container" | "data" | "file" | "library" | "machine-learning-model";
  readonly "bom-ref": string;
  readonly name: string;
  readonly [field: string]: unknown;
}

export interface BomParts {
  /** What the bill is about. */
  readonly subject: BomComponent;
  readonly components: readonly BomComponent[];
  /** For each `bom-ref` those that it needs. */
  readonly dependsOn: ReadonlyMap<string, readonly string[]>;
  /** The version of this program. */
  readonly toolVersion: string;
  /** RFC 3339. */
  readonly timestamp: string;
}

export type Bom = Readonly<Record<string, unknown>>;

/** The document. Its serial number follows from its content, so the same content at the same time is the same bytes. */
export function bomDocument({ subject, components, dependsOn, toolVersion, timestamp }: BomParts): Bom {
  const body = {
    version: 1,
    metadata: {
      timestamp,
      tools: { components: [{ type: "application", name: "modelkeep", version: toolVersion }] },
      component: subject,
    },
    components,
    dependencies: [...dependsOn].map(([ref, needed]) => ({ ref, dependsOn: needed })),
  };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(utf8(canonicalJson(body)))}`,
    ...body,
  };
}

/** A UUID of the bytes' digest: version 8, whose meaning is the maker's (RFC 9562, section 5.8). */
function uuidOf(bytes: Uint8Array): string {
  const hex = digestOf(bytes).slice("sha256:".length);
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

/** A `sha256:<hex>` as a component's hash. */
export const hashOf = (digest: string) => ({ alg: "SHA-256", content: digest.slice("sha256:".length) });

/** Name and value; undefined where there is nothing to say. */
export function properties(entries: Readonly<Record<string, string | number | boolean | null | undefined>>): object {
  const told = Object.entries(entries).filter(([, value]) => value !== undefined && value !== null);
  return told.length === 0 ? {} : { properties: told.map(([name, value]) => ({ name, value: String(value) })) };
}
