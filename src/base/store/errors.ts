declare module "../error/error.ts" {
  interface ErrorCodes {
    "store/unreachable": "the database does not answer";
    "store/newer": "the state was written by a newer Modelkeep";
    "store/migration-failed": "a step of the schema did not apply; nothing of it was kept";
    "store/missing-driver": "the package of the database driver is not installed";
  }
}

export type {};
