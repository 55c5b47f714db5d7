declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "onnx/not-onnx": "the bytes are something else than an ONNX model; the hint names the lines that export one";
    "onnx/malformed": "the bytes are not a well-formed ONNX file";
    "onnx/too-large": "the file goes over a reading limit (bytes, depth, counts, lengths)";
    "onnx/bad-tensor": "a tensor's data does not fit its type and dimensions, or its values were asked for in a form it has not";
    "onnx/external-data": "a tensor's data lies outside the file and is not listed, not loaded, or lies at a forbidden place";
    "onnx/unsupported": "the file uses an operator set, type or construct outside what we take";
    "onnx/bad-graph": "the graph breaks a rule of ONNX: names, order, arity, attributes or types";
    "onnx/bad-shape": "shapes inside the graph contradict each other";
    "onnx/foreign-domain": "the graph uses operators of a vendor's domain that was not allowed";
    "onnx/too-costly": "running or only loading the graph would take more memory or work than the limits allow";
    "onnx/no-contract": "the model's inputs or outputs cannot be served as tensors";
    "onnx/bad-rewrite": "a rewrite asked for a value, node or binding that the graph does not have";
  }
}

export {};
