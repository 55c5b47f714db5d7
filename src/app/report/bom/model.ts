import type { DataCard, ModelCard, SignatureCard } from "./cards.ts";
import { bomDocument, hashOf, properties } from "./document.ts";
import type { Bom, BomComponent, BomParts } from "./document.ts";
import { modelCardOf } from "./model-card.ts";

export interface ModelBomFacts extends Pick<BomParts, "toolVersion" | "timestamp"> {
  /** One for a file; for a folder each that lies in it. */
  readonly models: readonly ModelCard[];
  /** The folder, where it is one. */
  readonly folder?: FolderCard | undefined;
  /** What else belongs to it: weights beside the graph, tokenisers, settings. */
  readonly files: readonly { readonly path: string; readonly digest: string }[];
  /** What runs it: `onnxruntime-node` and its version. */
  readonly runtime: { readonly name: string; readonly version: string };
}

export interface FolderCard {
  readonly name: string;
  /** What a signature of the folder is about. */
  readonly rootDigest: string;
  /** As `config.json` of a transformers checkpoint names it. */
  readonly architecture?: string | undefined;
  readonly signature?: SignatureCard | undefined;
}

/**
 * An ML-BOM: each model with its card and hash, the data that it learnt from, the model that it began with, its files, who signed it, and
 * what runs it.
 * @example
 * const bom = modelBom({ models: [card], files: [], runtime, toolVersion: version, timestamp: new Date().toISOString() });
 */
export function modelBom({ models, folder, files, runtime, toolVersion, timestamp }: ModelBomFacts): Bom {
  const engine: BomComponent = {
    type: "library",
    "bom-ref": `pkg:npm/${runtime.name}@${runtime.version}`,
    ...runtime,
    purl: `pkg:npm/${runtime.name}@${runtime.version}`,
  };
  const described = models.map((model) => describe(model));
  const others = files.map(({ path, digest }): BomComponent => ({
    type: "file",
    "bom-ref": `file:${path}`,
    name: path,
    hashes: [hashOf(digest)],
  }));
  const needed = [engine["bom-ref"], ...others.map((file) => file["bom-ref"])];
  const dependsOn = new Map(
    described.map(({ model, data }) => [model["bom-ref"], [...needed, ...data.map((set) => set["bom-ref"])]]),
  );
  const subject = folder === undefined ? described[0]!.model : folderOf(folder);
  if (folder !== undefined)
    dependsOn.set(subject["bom-ref"], described.length === 0 ? needed : described.map(({ model }) => model["bom-ref"]));
  const data = new Map(described.flatMap((one) => one.data.map((set) => [set["bom-ref"], set])));
  const inside = folder === undefined ? [] : described.map(({ model }) => model);
  return bomDocument({
    subject,
    components: [...inside, ...data.values(), ...others, engine],
    dependsOn,
    toolVersion,
    timestamp,
  });
}

function folderOf({ name, rootDigest, architecture, signature }: FolderCard): BomComponent {
  return {
    type: "machine-learning-model",
    "bom-ref": `model:${rootDigest}`,
    name,
    ...signedBy(signature),
    ...(architecture !== undefined && { modelCard: { modelParameters: { modelArchitecture: architecture } } }),
    ...properties({ "modelkeep:root-digest": rootDigest, ...signatureFacts(signature) }),
  };
}

function describe(card: ModelCard): { readonly model: BomComponent; readonly data: readonly BomComponent[] } {
  const { name, version, digest, training, assessments, signature } = card;
  const sets = [...(training?.data ?? []), ...assessments.flatMap(({ data }) => data ?? [])];
  const data = [...new Map(sets.map((set) => [refOf(set), set])).values()].map(dataOf);
  const from = training?.from;
  const model: BomComponent = {
    type: "machine-learning-model",
    "bom-ref": `model:${digest}`,
    name,
    ...(version !== undefined && { version }),
    ...(card.about?.producer !== undefined && { description: `written by ${card.about.producer}` }),
    hashes: [hashOf(digest)],
    ...(from !== undefined && {
      pedigree: { ancestors: [{ type: "machine-learning-model", name: "what training began with", hashes: [hashOf(from)] }] },
    }),
    ...signedBy(signature),
    modelCard: modelCardOf(
      card,
      data.map((set) => set["bom-ref"]),
    ),
    ...properties({ "modelkeep:size-bytes": card.sizeBytes, ...signatureFacts(signature) }),
  };
  return { model, data };
}

/** Data is one thing by its digest, whatever it was used for; without one, by name. */
const refOf = ({ digest, name }: DataCard): string => `data:${digest ?? name}`;

function dataOf(set: DataCard): BomComponent {
  const { name, digest, size, use } = set;
  return {
    type: "data",
    "bom-ref": refOf(set),
    name,
    data: [
      {
        type: "dataset",
        name,
        description: `${size === undefined ? "" : `${size} examples; `}used for ${use}`,
        contents: properties({ "modelkeep:values-digest": digest, "modelkeep:examples": size }),
      },
    ],
  };
}

const signedBy = (signature: SignatureCard | undefined) =>
  signature?.file === undefined
    ? {}
    : {
        externalReferences: [
          {
            type: "digital-signature",
            url: encodeURI(signature.file),
            comment: `${signature.verdict}${signature.signer === undefined ? "" : `: ${signature.signer}`}`,
          },
        ],
      };

function signatureFacts(signature: SignatureCard | undefined): Readonly<Record<string, string | undefined>> {
  if (signature === undefined) return {};
  const { verdict, signer, method, identity, fingerprint, digest } = signature;
  return {
    "modelkeep:signature": verdict,
    "modelkeep:signer": signer,
    "modelkeep:signature-method": method,
    "modelkeep:signature-identity": identity,
    "modelkeep:signature-key": fingerprint,
    "modelkeep:signed-digest": digest,
  };
}
