/** What can be wrong with the bytes of a request, before any model is asked. */
declare module "../../../base/error/error.ts" {
  interface ErrorCodes {
    "gateway/length-required": "the request does not declare its Content-Length";
    "gateway/bad-header": "a header that frames the body is malformed or contradicts another";
    "gateway/unsupported-media-type": "the body is of a media type or content encoding that is not read";
    "gateway/body-too-large": "the body, or its JSON part, is longer than this server takes";
    "gateway/incomplete-body": "fewer or more body bytes arrived than Content-Length declared";
    "gateway/bad-json": "the JSON part is not JSON (RFC 8259) in UTF-8";
    "gateway/bad-request": "the JSON part is JSON, but not an inference request of the Open Inference Protocol v2";
    "gateway/duplicate-name": "a field, parameter, input or output is given twice";
    "gateway/bad-datatype": "a datatype that the protocol does not have";
    "gateway/bad-shape": "a shape with a dimension that is no size, or with too many dimensions";
    "gateway/tensor-too-large": "a shape whose elements exceed what this server takes";
    "gateway/bad-value": "an element that its datatype cannot hold exactly";
    "gateway/wrong-size": "the data of a tensor is not as long as its shape and datatype say";
    "gateway/answer-too-large": "an answer with more elements than are written as JSON";
    "gateway/unsupported-extension": "a protocol extension that this server does not offer";
  }
}
export type {};
