declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "train/bad-option": "a setting of training that cannot be: a learning rate of 0, a schedule without steps, an unknown loss";
    "train/bad-data": "data and model do not fit each other: shapes, types, labels, classes";
    "train/nothing-to-train": "the model has no weights that training could change, or all of them are frozen";
    "train/fixed-batch": "the model takes one batch size only, and it is not the one asked for";
    "train/diverged": "the loss grows without bound, or is no longer a number; training stopped and kept the best weights it had";
    "train/bad-run": "a folder holds no run of training that could go on";
    "train/disk": "a checkpoint could not be written; the one before is whole";
    "train/bad-checkpoint": "a checkpoint is damaged, or belongs to another model, other data or other settings";
  }
}

export {};
