/** What can be wrong between a request and the contract of the model it asks for, and with a contract that an operator wrote. */
declare module "../../../base/error/error.ts" {
  interface ErrorCodes {
    "gateway/missing-input": "the model needs an input that the request does not have";
    "gateway/unknown-input": "the request has an input that the model does not take";
    "gateway/unknown-output": "the request asks for an output that the model does not give";
    "gateway/wrong-datatype": "an input has another datatype than the model takes";
    "gateway/wrong-shape": "an input has another shape than the model takes, or disagrees with another input";
    "gateway/too-many-rows": "the request has more rows than the model takes at once";
    "gateway/not-finite": "an input holds NaN or an infinity, and the model's contract does not allow them";
    "gateway/out-of-range": "an element lies outside the range or the set of values that the contract allows";
    "gateway/bad-contract": "the configured contract of a model widens, contradicts or misnames what its graph declares";
  }
}
export type {};
