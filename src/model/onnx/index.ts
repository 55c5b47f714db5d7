/**
 * A model as data: read and write ONNX, check what it is and what it costs, rewrite it.
 *
 * @example
 * const model = readModel(bytes);
 * costOf(model); // throws when running it would cost too much
 * const contract = contractOf(model);
 */
export type * from "./errors.ts";
export {
  byteLength,
  elementBits,
  elementCode,
  elementCount,
  elementFamily,
  elementTypeOf,
  elementTypes,
  makeTensor,
  stringTensor,
} from "./tensor.ts";
export type { ElementFamily, ElementType, ExternalData, Tensor } from "./tensor.ts";
export { tensorOf, toBigInts, toFloat, toNumbers, typedArray } from "./values.ts";
export { decodeMinifloat, encodeMinifloat, isMinifloat } from "./minifloat.ts";
export type { MiniFloat } from "./minifloat.ts";
export { nodeLabel, operatorName, requiredInputs, subgraphs, tensorType, typeOf } from "./graph.ts";
export type {
  Attribute,
  AttributeKind,
  Dim,
  Graph,
  Model,
  ModelFunction,
  Node,
  SparseTensor,
  TensorType,
  ValueInfo,
  ValueType,
} from "./graph.ts";
export { attributeOf, floatAttr, intAttr, intsAttr, makeAttribute, stringAttr } from "./attribute.ts";
export type { AttributeInput, AttributeOwner } from "./attribute.ts";
export { capturedBy, indexOf, usedBy } from "./lookup.ts";
export type { GraphIndex } from "./lookup.ts";
export { defaultOpset, GraphBuilder, irVersionFor } from "./builder.ts";
export type { BuilderOptions, Call } from "./builder.ts";
export { allOperators, factsOf, newestMlOpset, newestOpset } from "./facts.ts";
export type { AttributeFacts, Formal, OperatorFacts } from "./facts.ts";
export { readModel } from "./read-model.ts";
export { defaultReadLimits } from "./proto/read-state.ts";
export type { ReadLimits } from "./proto/read-state.ts";
export { writeModel } from "./proto/write.ts";
export { foreignFile } from "./foreign-file.ts";
export { exportLines } from "./export-lines.ts";
export type { ExportFramework, ExportLines } from "./export-lines.ts";
export { aboutModel } from "./about.ts";
export type { ModelAbout, ModelFamily } from "./about.ts";
export { classLabels } from "./class-labels.ts";
export { contractOf, defaultMaxBatch } from "./contract.ts";
export type { ModelContract, TensorSpec } from "./contract.ts";
export { costOf } from "./cost.ts";
export type { CostLimits, CostOptions, CostReport } from "./ledger.ts";
export { checkLocation, externalLocations, loadExternal, tensorsOf } from "./external.ts";
export type { ExternalResolver } from "./external.ts";
export { withoutZipMap } from "./passes/zip-map.ts";
export { inferModel } from "./infer/engine.ts";
export type { Inferred } from "./infer/engine.ts";
export type { Abstract } from "./infer/abstract.ts";
export { inferShapes, inferTypes, specialise } from "./shapes.ts";
export type { Bindings } from "./shapes.ts";
export { checkModel, problemsOf } from "./check.ts";
export type { Problem } from "./check.ts";
export { removeDeadCode } from "./passes/dead-code.ts";
export { removeIdentity } from "./passes/identity.ts";
export { foldConstants } from "./passes/fold.ts";
export type { Evaluate } from "./passes/fold.ts";
export { expose, extract, splitAt, withoutFinal } from "./passes/cut.ts";
export { inputsToWeights, weightsToInputs } from "./passes/weights.ts";
export { renameUses } from "./passes/rename.ts";
export { raiseOpset } from "./passes/raise-opset.ts";
export { lowerMl } from "./passes/lower-ml.ts";
export { printGraph, printModel, typeText } from "./text.ts";
export {
  addDims,
  canonicalDim,
  ceilDiv,
  divideExactly,
  evaluateDim,
  floorDiv,
  mulDims,
  productOf,
  subDims,
  substituteDim,
  symbolsOf,
} from "./dim.ts";
export { flopsOf } from "./flops.ts";
export { inlineFunctions } from "./passes/inline.ts";
export { knowsRows, lanesAfter } from "./lanes/step.ts";
export type { LaneSurroundings } from "./lanes/step.ts";
export { rowsSymbol } from "./lanes/lane.ts";
export type { Lane } from "./lanes/lane.ts";
export { replaceBatchNorm } from "./passes/replace-norm.ts";
export type { ReplaceOptions } from "./passes/replace-norm.ts";
