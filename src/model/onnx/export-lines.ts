/**
 * The Python lines that turn a trained model into ONNX. One table: errors show them where a file of that framework is given, and
 * `docs/guide/export.md` shows the same ones (a test compares).
 */

/** How one framework exports. */
export interface ExportLines {
  readonly framework: string;
  /** For `pip install`. */
  readonly packages: string;
  readonly lines: readonly string[];
  /** What usually goes wrong. */
  readonly note: string;
}

export const exportLines = {
  pytorch: {
    framework: "PyTorch",
    packages: "torch onnx onnxscript",
    lines: [
      "import torch",
      'model = torch.load("model.pt", weights_only=False).eval()  # a state_dict instead: build the class, then load_state_dict',
      "x = torch.randn(2, 1, 28, 28)  # the shape of your input, two rows",
      'torch.onnx.export(model, (x,), "model.onnx", input_names=["x"], output_names=["logits"],',
      '                  dynamic_shapes=({0: torch.export.Dim("N")},), dynamo=True, external_data=False)',
    ],
    note: "`torch.load(weights_only=False)` runs code from the file: only for files you made. `external_data=False` keeps the weights inside the one file.",
  },
  tensorflow: {
    framework: "TensorFlow / Keras",
    packages: "tensorflow tf2onnx",
    lines: [
      "import tensorflow as tf, tf2onnx",
      'model = tf.keras.models.load_model("model.keras")  # or model.h5',
      'spec = [tf.TensorSpec([None, *model.input_shape[1:]], tf.float32, name="x")]',
      'tf2onnx.convert.from_keras(model, input_signature=spec, opset=18, output_path="model.onnx")',
    ],
    note: "For a SavedModel folder: `python -m tf2onnx.convert --saved-model DIR --opset 18 --output model.onnx`. Keras 3 writes it with `model.export(DIR)`.",
  },
  sklearn: {
    framework: "scikit-learn",
    packages: "scikit-learn skl2onnx joblib",
    lines: [
      "import joblib",
      "from skl2onnx import to_onnx",
      "from skl2onnx.common.data_types import FloatTensorType",
      'model = joblib.load("model.pkl")',
      'columns = [("x", FloatTensorType([None, model.n_features_in_]))]',
      'options = {"zipmap": False} if hasattr(model, "predict_proba") else None',
      'onnx = to_onnx(model, initial_types=columns, options=options, target_opset={"": 18, "ai.onnx.ml": 3})',
      'open("model.onnx", "wb").write(onnx.SerializeToString())',
    ],
    note: "`zipmap=False` makes the probabilities a tensor instead of a list of dictionaries, which cannot be served. `joblib.load` runs code from the file: only for files you made.",
  },
  xgboost: {
    framework: "XGBoost",
    packages: "xgboost onnxmltools skl2onnx packaging",
    lines: [
      "import onnxmltools, xgboost",
      "from onnxmltools.convert.common.data_types import FloatTensorType",
      "model = xgboost.XGBClassifier()  # or XGBRegressor",
      'model.load_model("model.json")  # or model.ubj',
      'columns = [("x", FloatTensorType([None, model.n_features_in_]))]',
      "onnx = onnxmltools.convert_xgboost(model, initial_types=columns, target_opset=15)",
      'open("model.onnx", "wb").write(onnx.SerializeToString())',
    ],
    note: "Train on columns without names (or named f0, f1, …): the converter knows columns by number.",
  },
} as const satisfies Record<string, ExportLines>;

/** A framework of the table. */
export type ExportFramework = keyof typeof exportLines;
