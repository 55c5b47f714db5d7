/** Operators whose result does not move with their inputs, or is no number that could. */
import { defineZeroGradient } from "../define.ts";

/** Constant almost everywhere. Attacks read this fact from the graph and switch to approximations. */
export const steps = defineZeroGradient(["Round", "Floor", "Ceil", "Sign"], "piecewise constant");

export const choices = defineZeroGradient(
  ["ArgMax", "ArgMin", "Hardmax", "NonMaxSuppression"],
  "the result is an index or a one-hot choice",
);

export const comparisons = defineZeroGradient(
  ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor", "Not", "IsNaN", "IsInf", "NonZero"],
  "the result is a truth value or its position",
);

export const bits = defineZeroGradient(
  ["BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot", "BitCast"],
  "works on the bits of integers",
);

export const shapes = defineZeroGradient(["Shape", "Size", "ConstantOfShape", "EyeLike"], "depends on shapes only");

export const sources = defineZeroGradient(
  ["Constant", "BlackmanWindow", "HammingWindow", "HannWindow", "MelWeightMatrix"],
  "has no differentiable input",
);

export const random = defineZeroGradient(
  ["RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Bernoulli", "Multinomial"],
  "random: the sample does not move with the input",
  { random: true },
);

export const strings = defineZeroGradient(
  ["StringConcat", "StringNormalizer", "StringSplit", "RegexFullMatch", "TfIdfVectorizer", "ImageDecoder"],
  "the input is text or an encoded file",
);

export const queries = defineZeroGradient(["SequenceLength", "OptionalHasElement"], "the result is a count or a truth value");
