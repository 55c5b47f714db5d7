/** What can be wrong with the files and folders that models come from. What is wrong inside a file is said by `model/onnx`. */
declare module "../../../base/error/error.ts" {
  interface ErrorCodes {
    "models/none": "nothing is configured to be served";
    "models/not-found": "a configured path does not exist or cannot be read";
    "models/not-a-file": "a model's path is a device, pipe or socket";
    "models/too-large": "a model file is larger than what is loaded";
    "models/unsettled": "a model file changed while it was read";
    "models/bad-name": "a file or folder whose name cannot be a model's name";
    "models/duplicate": "two files claim the same model and version";
    "models/bad-source": "settings that do not fit what the path is";
    "models/bad-preprocess": "a model does not take what its preprocess makes";
    "models/sealed": "a model is sealed, and no identity that is configured opens it";
    "models/hostile": "the scan of a model file found something grave, or came to no end";
    "models/unsigned": "a model has no signature where one is required";
    "models/untrusted": "a model's signature is not believed: another signer, another file, expired, revoked or out of scope";
    "models/bad-external-data": "a listed external data file is missing or is not the one with its digest";
  }
}
export type {};
