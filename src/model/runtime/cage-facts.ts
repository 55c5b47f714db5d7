/** What a caged process says of itself before it has seen a model, as its kernel tells it; null where it cannot tell. */
export interface CageFacts {
  readonly user: number | null;
  readonly networkNamespace: string | null;
  readonly userNamespace: string | null;
  /** RLIMIT_DATA: private writable memory. */
  readonly memoryBytes: number | null;
  readonly coreBytes: number | null;
  readonly fileBytes: number | null;
  readonly noNewPrivileges: boolean;
  /** How many environment variables it has. */
  readonly environment: number;
}
