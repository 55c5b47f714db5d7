import { refused } from "../refuse.ts";
import type { FolderSource } from "./folder.ts";
import type { ScanLimits } from "./limits.ts";
import type { Renderer } from "./render.ts";
import type { Scratch } from "./scratch.ts";
import type { Together } from "../k8s/cluster.ts";

/** What a person asked for beyond the paths. */
export interface ScanOptions {
  /** Kubernetes minor version to judge by, `1.33`; the newest known when left out. */
  readonly k8sVersion?: string | undefined;
  /** Pod Security level to judge by; restricted when left out. */
  readonly pss?: "baseline" | "restricted" | undefined;
  /** List the packages of images in their targets. */
  readonly packages?: boolean | undefined;
}

/** What kinds and rules know of the target at hand. */
export interface ScanContext {
  /** The path that the report shows, `file!member` inside archives. */
  readonly path: string;
  readonly options: ScanOptions;
  readonly limits: ScanLimits;
  /** How many archives this target lies in. */
  readonly depth: number;
  /** The folder that the file stands in; undefined for a member or standard input. */
  readonly folder?: FolderSource | undefined;
  readonly budget: Budget;
  /** Collects the Kubernetes objects of the whole scan, for rules that see files together. */
  readonly together?: Together | undefined;
  /** Room beyond memory; in memory when left out. */
  readonly scratch?: Scratch | undefined;
  /** Set inside the file system of an image: programs and data of the system are no findings for not being models. */
  readonly fileSystem?: boolean;
  /** Renders the folder at hand, where that is possible. */
  readonly renderer?: Renderer | undefined;
}

/** Unpacked bytes of everything inside one file on disk: a bomb of many small bombs is one bomb. */
export class Budget {
  private left: number;
  private readonly limits: ScanLimits;

  constructor(limits: ScanLimits) {
    this.limits = limits;
    this.left = limits.maxTotalUnpackedBytes;
  }

  /** The most that the next member may unpack to. */
  get allowance(): number {
    return Math.min(this.left, this.limits.maxUnpackedBytes);
  }

  /** The most that everything still to come may unpack to. */
  get remaining(): number {
    return this.left;
  }

  /** @throws scan/refused */
  spend(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0) throw refused(`it unpacks to more than ${this.limits.maxTotalUnpackedBytes} bytes`);
  }
}
