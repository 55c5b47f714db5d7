declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "firewall/blocked": "the address is in a blocked network, or not in an allowed one";
    "firewall/banned": "irregular behaviour shut this client out for a time";
    "firewall/limited": "a limit on requests, rows, bytes or model time is spent";
    "firewall/too-many-connections": "the address holds or opens too many connections";
    "firewall/no-such-ban": "no ban in force has that id or target";
    "firewall/bad-ban": "a ban that cannot be set as asked";
    "firewall/counters-unreachable": "the shared counters do not answer";
  }
}

export type {};
