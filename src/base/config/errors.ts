declare module "../error/error.ts" {
  interface ErrorCodes {
    "config/not-yaml": "the configuration file is not readable as YAML";
    "config/unknown-key": "the configuration has a key that nothing reads";
    "config/invalid": "a configuration value is not what its key takes";
    "config/not-found": "the configuration file is not there or not readable";
    "config/bad-secret": "a secret reference does not lead to a secret";
  }
}

export type {};
