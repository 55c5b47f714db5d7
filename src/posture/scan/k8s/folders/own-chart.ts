import { digestOf, utf8 } from "../../../../base/crypto/index.ts";
import type { FolderSource } from "../../engine/folder.ts";

/** Digests of the templates of `deploy/helm`, this release's and earlier ones: `test/interop/helm-chart.test.ts` renders and judges them. */
export const ownTemplateDigests: readonly string[] = [
  "sha256:b808201886ff7b56a6a41cc1d8c90b052e37f831ca69ec76edd73047d8a1514f",
  "sha256:458a9c82ef182fbd0f3fca7b8104876ee8d8dea3fe7b5c41e4bf0440a1e9dd90",
];

/** The digest of everything that a chart can render: names and bytes of its templates and of what else it may carry. */
export function templatesDigest(folder: FolderSource): string {
  const parts = folder
    .list(1_000)
    .filter((path) => /^(?:templates|charts|crds)\//.test(path))
    .map((path) => {
      const source = folder.open(path);
      const bytes = source?.read(0, Math.min(source.sizeBytes, 1 << 20)) ?? new Uint8Array();
      return `${path} ${source?.sizeBytes ?? -1} ${digestOf(bytes.slice())}`;
    });
  return digestOf(utf8(parts.toSorted().join("\n")));
}

/** True for a chart whose templates are ours to the byte. */
export function ownTemplates(folder: FolderSource): boolean {
  return ownTemplateDigests.includes(templatesDigest(folder));
}
