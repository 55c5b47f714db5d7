import type { Manifest } from "./manifest/manifest.ts";

/** A Kubernetes object and the target that it stands in. */
export interface Placed {
  readonly path: string;
  readonly manifest: Manifest;
}

/** The objects of one scan, as they are met. */
export type Together = Placed[];

/** All Kubernetes objects of one scan: what only shows when files are seen together (who reaches whom, what a role is bound to). */
export interface Cluster {
  readonly members: readonly Placed[];
}

declare module "../subject.ts" {
  interface Subjects {
    cluster: Cluster;
  }
}
