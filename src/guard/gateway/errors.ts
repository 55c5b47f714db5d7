/** What the gateway itself says no to, and why it may not start. Bodies and tensors have their codes in `protocol/`, `read/` and `models/`. */
declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "gateway/unknown-route": "no such path";
    "gateway/unknown-model": "no such model or version, or none that the caller may use: the two look alike";
    "gateway/forbidden": "policy does not allow the caller this action";
    "gateway/method-not-allowed": "the path takes another method";
    "gateway/malformed-request": "the request is not valid HTTP/1.1 (RFC 9112)";
    "gateway/ambiguous-request": "the head of the request can be read in two ways";
    "gateway/unsupported-version": "an HTTP version other than 1.0 and 1.1";
    "gateway/unsupported-expectation": "an Expect header other than 100-continue";
    "gateway/unsupported-coding": "a body in a transfer or content coding that is not read";
    "gateway/url-too-long": "the request target is longer than any path here";
    "gateway/head-too-large": "the header section has too many fields or bytes";
    "gateway/too-slow": "the request arrived slower than the least allowed rate";
    "gateway/too-many-bodies": "bodies of requests in flight hold too much memory";
    "gateway/suspicious-input": "the model's detector flags an input";
    "gateway/too-busy": "the model's queue is longer than the request can wait";
    "gateway/client-gone": "the client hung up before its answer was ready";
    "gateway/log-unavailable": "the audit log takes no entries, so nothing is answered";
    "gateway/cannot-listen": "the address or port cannot be listened on";
    "gateway/bad-tls-files": "the certificate or key cannot be read or do not belong together";
    "gateway/bad-proxy-header": "a connection did not start with a PROXY v2 header";
  }
}
export type {};
