/** Operators without a derivative to be had, each with its reason. */
import { defineNoGradient } from "../define.ts";

export const trees = defineNoGradient(
  ["ai.onnx.ml::TreeEnsembleClassifier", "ai.onnx.ml::TreeEnsembleRegressor", "ai.onnx.ml::TreeEnsemble"],
  "a tree ensemble is not differentiable: use score- or decision-based attacks",
);

export const encoders = defineNoGradient(
  [
    "ai.onnx.ml::LabelEncoder",
    "ai.onnx.ml::OneHotEncoder",
    "ai.onnx.ml::CategoryMapper",
    "ai.onnx.ml::DictVectorizer",
    "ai.onnx.ml::CastMap",
    "ai.onnx.ml::ZipMap",
    "ai.onnx.ml::Binarizer",
  ],
  "maps categories or thresholds, not numbers that could move a little",
);

export const sequences = defineNoGradient(
  [
    "SequenceAt",
    "SequenceConstruct",
    "SequenceEmpty",
    "SequenceErase",
    "SequenceInsert",
    "SequenceMap",
    "SplitToSequence",
    "ConcatFromSequence",
  ],
  "how many tensors the list has is only known when the model runs; fix the input's shape",
);

export const optionals = defineNoGradient(
  ["Optional", "OptionalGetElement"],
  "optional values are not followed; export the model without them",
);

export const inverses = defineNoGradient("Det", "its gradient needs the inverse of a matrix, for which ONNX has no operator");

export const regions = defineNoGradient(
  ["RoiAlign", "MaxRoiPool"],
  "regions of interest choose where to read from a second stage's output; differentiate the stages one by one",
);

export const deformable = defineNoGradient(
  "DeformConv",
  "its sampling positions follow a second input; write it as GridSample and Conv, which have rules",
);

export const caches = defineNoGradient(["TensorScatter"], "writes into a cache of past states in place");

export const control = defineNoGradient(
  ["If", "Loop", "Scan"],
  "how often it runs, or which branch, is only known when the model runs; fix the input's shape",
);
