/** The ai.onnx.ml domain: what scikit-learn, XGBoost and LightGBM export. */
import { attributeOf } from "../../attribute.ts";
import type { Dim, ValueType } from "../../graph.ts";
import { staticCount } from "../abstract.ts";
import type { NodeView, Rule, Rules } from "../node-view.ts";
import { sameShape } from "./elementwise.ts";
import { sumOf } from "../broadcast.ts";
import { mlGathers } from "./gather.ts";

/** Rows of a feature matrix; a vector is one row. */
const rows = (n: NodeView): Dim => {
  const dims = n.dims(0);
  return dims === undefined ? null : dims.length < 2 ? 1 : dims[0]!;
};

/** Class labels come as strings or integers. */
function labels(n: NodeView, strings: string, ints: string): { readonly type: "string" | "int64"; readonly count: number } {
  const texts = attributeOf(n.node, strings, "strings") ?? [];
  if (texts.length > 0) return { type: "string", count: texts.length };
  return { type: "int64", count: n.ints(ints, []).length };
}

const classifier =
  (strings: string, ints: string, extra?: (n: NodeView, count: number) => number): Rule =>
  (n) => {
    const { type, count } = labels(n, strings, ints);
    const columns = extra === undefined ? count : extra(n, count);
    return [
      { elementType: type, dims: [rows(n)] },
      { elementType: "float32", dims: [rows(n), columns > 0 ? columns : null] },
    ];
  };

const regressor =
  (targets: (n: NodeView) => number): Rule =>
  (n) => [{ elementType: "float32", dims: [rows(n), targets(n)] }];

/** One binary score column becomes two where the operator post-processes it so; the count of labels is what ONNX Runtime returns. */
const treeLabels = (n: NodeView, count: number): number => count;

const zipMap: Rule = (n) => {
  const key = labels(n, "classlabels_strings", "classlabels_int64s").type;
  const map: ValueType = { kind: "map", key, of: { kind: "tensor", elementType: "float32" } };
  return [{ type: { kind: "sequence", of: map } }];
};

const labelEncoder: Rule = (n) => {
  const from = ["values_strings", "values_int64s", "values_floats", "values_tensor"].find((name) => n.node.attributes.has(name));
  const types = { values_strings: "string", values_int64s: "int64", values_floats: "float32" } as const;
  const legacy = n.elementType(0) === "string" ? "int64" : "string";
  const elementType =
    from === undefined ? legacy : from === "values_tensor" ? n.tensor(from)?.type : types[from as keyof typeof types];
  return [{ elementType, dims: n.dims(0) }];
};

const categoryMapper: Rule = (n) => [{ elementType: n.elementType(0) === "string" ? "int64" : "string", dims: n.dims(0) }];

const oneHotEncoder: Rule = (n) => {
  const dims = n.dims(0);
  const count = n.ints("cats_int64s", []).length + (attributeOf(n.node, "cats_strings", "strings")?.length ?? 0);
  return [{ elementType: "float32", dims: dims === undefined ? undefined : [...dims, count] }];
};

const featureVectorizer: Rule = (n) => {
  const widths = n.ints("inputdimensions", undefined) ?? n.inputs.map((_, i) => n.dims(i)?.[1] ?? null);
  return [{ elementType: "float32", dims: [rows(n), sumOf(widths)] }];
};

const dictVectorizer: Rule = (n) => {
  const { count } = labels(n, "string_vocabulary", "int64_vocabulary");
  const type = n.inputs[0]?.type;
  const value = type?.kind === "map" && type.of?.kind === "tensor" ? type.of.elementType : undefined;
  return [{ elementType: value, dims: [1, count] }];
};

const castMap: Rule = (n) => {
  const types: Readonly<Record<string, "string" | "float32" | "int64">> = {
    TO_STRING: "string",
    TO_FLOAT: "float32",
    TO_INT64: "int64",
  };
  const width = n.string("map_form", "DENSE") === "SPARSE" ? n.int("max_map", 1) : n.fresh();
  return [{ elementType: types[n.string("cast_to", "TO_FLOAT")], dims: [1, width] }];
};

const treeEnsemble: Rule = (n) => [{ dims: [rows(n), n.int("n_targets", 1)] }];

const svmClassifier = (n: NodeView, count: number): number => {
  const perClass = n.ints("vectors_per_class", []).length;
  // Without probabilities the scores are of pairs of classes.
  const hasProbabilities = (attributeOf(n.node, "prob_a", "floats") ?? []).length > 0;
  return hasProbabilities || perClass === 0 || count <= 2 ? count : (count * (count - 1)) / 2;
};

const float = (n: NodeView) => [{ elementType: "float32" as const, dims: n.dims(0) }];

export const mlRules: Rules = {
  ...mlGathers,
  Binarizer: sameShape,
  Imputer: sameShape,
  Normalizer: float,
  Scaler: float,
  CastMap: castMap,
  CategoryMapper: categoryMapper,
  DictVectorizer: dictVectorizer,
  FeatureVectorizer: featureVectorizer,
  LabelEncoder: labelEncoder,
  LinearClassifier: classifier("classlabels_strings", "classlabels_ints", linearColumns),
  LinearRegressor: regressor((n) => n.int("targets", 1)),
  OneHotEncoder: oneHotEncoder,
  SVMClassifier: classifier("classlabels_strings", "classlabels_ints", svmClassifier),
  SVMRegressor: regressor(() => 1),
  TreeEnsemble: treeEnsemble,
  TreeEnsembleClassifier: classifier("classlabels_strings", "classlabels_int64s", treeLabels),
  TreeEnsembleRegressor: regressor((n) => n.int("n_targets", 1)),
  ZipMap: zipMap,
};

/** Binary models may have one row of coefficients and still two labels; the scores have a column for each label. */
function linearColumns(n: NodeView, count: number): number {
  const intercepts = attributeOf(n.node, "intercepts", "floats")?.length ?? 0;
  return count > 0 ? count : intercepts || (staticCount(n.dims(0)) === undefined ? 0 : 1);
}
