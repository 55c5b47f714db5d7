declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "host/state-in-use": "another process works in the state folder";
    "host/state-unusable": "the state folder cannot be made or is open to others";
    "host/no-object-store": "something is to be kept in an object store, and none is configured";
    "host/state-newer": "the state folder was written by a newer Modelkeep";
  }
}

export type {};
