import type { Hit } from "../define.ts";
import { entriesAt, fieldText } from "../k8s/fields.ts";
import type { FieldPath } from "../k8s/fields.ts";
import { offsetOf } from "../k8s/yaml/places.ts";
import type { YamlDocument, YamlFile } from "../k8s/yaml/node.ts";

/** A compose file, with places. */
export interface ComposeFile {
  readonly file: YamlFile;
  readonly document: YamlDocument;
}

/** A service of a compose file. */
export interface ComposeService {
  readonly name: string;
  readonly value: unknown;
  readonly path: FieldPath;
}

/** The services of a file. */
export function servicesOf({ document }: ComposeFile): ComposeService[] {
  return entriesAt(document.value, "services").map(([name, value]) => ({ name, value, path: ["services", name] }));
}

/** A hit at a field of a service. */
export function serviceHit(
  compose: ComposeFile,
  service: ComposeService,
  { field, ...hit }: Omit<Hit, "where"> & { field: FieldPath },
): Hit {
  const path = [...service.path, ...field];
  const line = compose.file.lineAt(offsetOf(compose.document, path));
  return {
    ...hit,
    message: `service ${service.name}: ${hit.message}`,
    scope: service.name,
    where: { field: fieldText(path), line },
  };
}
