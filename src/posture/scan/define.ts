import type { ModelkeepError } from "../../base/error/index.ts";
import type { Severity, Where } from "../../base/finding/index.ts";
import type { ByteSource } from "./bytes/source.ts";
import type { SoftwarePackage } from "./container/image/packages.ts";
import type { ScanContext } from "./engine/context.ts";
import type { FolderSource } from "./engine/folder.ts";
import type { Subject, Subjects, SubjectType } from "./subject.ts";

/** First part of a rule's id. */
export const families = ["model", "container", "k8s", "pss"] as const;
export type Family = (typeof families)[number];

/** Replaces `length` bytes at `offset` of the target by `text`: what `--fix` writes. */
export interface TextEdit {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** One place where a rule fires. What is left out comes from the rule. */
export interface Hit {
  /** One line: the fact. */
  readonly message: string;
  /** `file` is filled in by the engine. */
  readonly where?: Where;
  readonly evidence?: string;
  readonly severity?: Severity;
  readonly fix?: string;
  /** Who the hit is about inside the target (a container's name), for exceptions that name it. */
  readonly scope?: string;
  /** Edits that make this hit go away; offered by `--fix` after a second scan has proven them. */
  readonly edits?: readonly TextEdit[];
}

/** A file that a rule must fire on, or must not: its text, or the function that makes its bytes. With `beside`, files in the same folder. */
export interface Fixture {
  readonly name: string;
  readonly content: string | (() => Uint8Array);
  readonly beside?: Readonly<Record<string, string | (() => Uint8Array)>>;
  readonly options?: Partial<Pick<ScanContext["options"], "k8sVersion" | "pss">>;
}

/** One thing to look for. One file in `rules/<family>/` each. */
export interface Rule<K extends SubjectType = SubjectType> {
  /** `family/rule`, stable from birth. */
  readonly id: `${Family}/${string}`;
  readonly title: string;
  /** Gravest that a hit of this rule is, unless the hit says otherwise. */
  readonly severity: Severity;
  readonly why: string;
  readonly fix: string;
  /** `atlas:AML.T0010`, `cwe:502`, `cve:2025-1550`, `cis:5.2.1` (CIS by id only), URLs. */
  readonly references: readonly string[];
  readonly controls?: readonly string[];
  readonly subject: K;
  check(subject: Subjects[K], context: ScanContext): Iterable<Hit>;
  readonly fixtures: { readonly bad: readonly Fixture[]; readonly good: readonly Fixture[] };
}

/**
 * @example
 * export const hostPath = defineRule({
 *   id: "k8s/host-path", subject: "manifest", severity: "high", …,
 *   *check(manifest) { yield { message: "mounts the node's /etc", where: { field: "spec.volumes[0].hostPath" } }; },
 * });
 */
export function defineRule<K extends SubjectType>(rule: Rule<K>): Rule {
  return rule as unknown as Rule;
}

/** What can be said of a file before it is parsed. */
export interface Probe {
  /** The last part of its path: a hint for words, never for a decision. */
  readonly name: string;
  readonly sizeBytes: number;
  /** The first 64 KiB, or all. */
  readonly head: Uint8Array;
  /** `head` as Latin-1. */
  readonly text: string;
  /** True when `head` is UTF-8 without control characters. */
  readonly isText: boolean;
  readonly source: ByteSource;
}

/** A file inside a file. */
export interface Member {
  readonly name: string;
  /** The bytes, unpacked only when asked for. @throws scan/malformed, scan/refused */
  open(): ByteSource;
  /** Set when its place says what it is whatever its bytes look like: bytes of tensors beside a `data.pkl`. */
  readonly known?: string;
}

/** What a kind makes of a file. */
export interface Opened {
  readonly subjects: readonly Subject[];
  /** Each is scanned as `path!name`. */
  readonly members?: Iterable<Member>;
  /** Replaces the kind's id in the report: `pytorch` for a ZIP that turned out to be one. */
  readonly kind?: string;
  /** Set when the file breaks off or lies: what was seen until then still counts, and the target is `failed`. */
  readonly failure?: ModelkeepError | undefined;
  /** Set for the file system of an image: its members are programs and data among which models are looked for. */
  readonly fileSystem?: boolean;
  /** What is installed in an image, where it was asked for. */
  readonly packages?: readonly SoftwarePackage[];
  /** Set when there is nothing here that could act: plain text, a picture. The target is then `skipped`. */
  readonly nothing?: string;
}

/** A format: recognised by content, parsed into subjects. One file in `kinds/` each, or in a family's own folder of kinds. */
export interface Kind {
  readonly id: string;
  readonly title: string;
  readonly family: Family;
  /** Kinds are asked in this order, smallest first: below 100 for strong magic numbers, 500 for guesses by shape, 900 for fallbacks. */
  readonly order: number;
  /** The format that this one is written in: finding that one in the same bytes is no second format. */
  readonly of?: string;
  sniff(probe: Probe): boolean;
  /**
   * True when some program finds this format in a file that begins as something else: an archive that is read from its end. `loose` asks
   * for what only lenient programs find.
   */
  hides?(probe: Probe, loose: boolean): boolean;
  /** @throws any ModelkeepError when the file is not what it claims: the target is then `failed`, with a finding. */
  open(source: ByteSource, context: ScanContext): Opened;
}

export function defineKind(kind: Kind): Kind {
  return kind;
}

/** A folder that is one thing (a Helm chart, an OCI layout). */
export interface FolderKind {
  readonly id: string;
  readonly title: string;
  readonly family: Family;
  /** Asked with the names directly inside. */
  claims(names: readonly string[], folder: FolderSource): boolean;
  open(folder: FolderSource, context: ScanContext): Opened;
  /** True for paths inside (relative, with `/`) that the folder's own scan has read, so that they are not scanned again as files. */
  owns(path: string): boolean;
}

export function defineFolderKind(kind: FolderKind): FolderKind {
  return kind;
}
