declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "api/deploy-exists": "`deploy` would replace a file that is there";
    "api/unknown-operation": "the running service does not know the operation: another version of Modelkeep serves";
    "api/bad-input": "an operation was given input it does not take";
    "api/unreachable": "the running service does not answer on its admin socket";
    "api/no-such-entry": "the log has no entry with that index";
    "api/no-such-file": "a file that a command was pointed at cannot be read";
    "api/cannot-write": "what a command made cannot be written where it should be";
    "api/bad-data": "data and labels do not fit the model";
    "api/not-serving": "the operation needs a running service";
    "api/socket-unusable": "the admin socket cannot be opened where it should be";
  }
}

export type {};
