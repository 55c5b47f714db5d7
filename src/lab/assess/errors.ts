declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "assess/bad-threat": "a threat on the command line is not a norm with radii";
    "assess/bad-requirement": "a requirement is not a comparison of something that an assessment measures";
    "assess/bad-data": "examples and labels do not fit each other or the model";
    "assess/unsupported-task": "the task is not one that can be assessed on this model";
    "assess/bad-attacks": "an attack was asked for that does not fit the model or the threats";
  }
}

export type {};
