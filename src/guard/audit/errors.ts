declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "audit/unavailable": "the audit log cannot make an entry durable: the disk is full or failing, the signing key is gone, or the log is closed";
    "audit/key-lost": "a log is there but its signing key is not; a new key would make it another log";
    "audit/wrong-key": "the signing key is not the one that signed this log, or its name is not the configured origin";
    "audit/damaged": "the log on disk contradicts itself; `modelkeep audit verify` says where";
    "audit/foreign-writer": "another process wrote to this log while it was open";
    "audit/published-differs": "the copy of the log in the object store is no earlier state of this log";
    "audit/no-entry": "the log has no entry with that index";
  }
}

export type {};
