declare module "../error/error.ts" {
  interface ErrorCodes {
    "net/bad-address": "text that is not an IP address in standard form";
    "net/bad-network": "text that is not a network in CIDR form, or one with bits set behind its prefix";
    "net/bad-proxy-header": "a connection that should begin with a PROXY protocol v2 header begins with something else";
  }
}

export type {};
