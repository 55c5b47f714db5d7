"""Writes the ONNX project's own operator tests as files, with what its checker and shape inference say of them.

    python onnx_cases.py FOLDER

For each case FOLDER/NNNN.onnx, and in FOLDER/cases.json: {file, name, checked, types, declared}, the latter two
{value: [element type number, dims | null]}. `declared` are the shapes of the outputs that the case expects; `types` is what `onnx`
infers when it is not told them. Dimensions are numbers, symbols or null; only tensors are listed.
"""

import glob
import json
import os
import pathlib
import sys

import onnx
from onnx import checker, shape_inference
from onnx.backend.test.case.node import collect_testcases

folder = pathlib.Path(sys.argv[1])
cases = []


def dims_of(tensor_type):
    if not tensor_type.HasField("shape"):
        return None
    return [d.dim_value if d.HasField("dim_value") else (d.dim_param or None) for d in tensor_type.shape.dim]


def add(name, model):
    data = model.SerializeToString()
    file = f"{len(cases):04d}.onnx"
    (folder / file).write_bytes(data)
    checked = True
    try:
        checker.check_model(model)
    except Exception:
        checked = False
    types = {}
    declared = {}
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    for info in bare.graph.output:
        if info.type.HasField("tensor_type"):
            declared[info.name] = [info.type.tensor_type.elem_type, dims_of(info.type.tensor_type)]
            info.type.tensor_type.ClearField("shape")
    try:
        inferred = shape_inference.infer_shapes(bare, data_prop=True)
        for info in [*inferred.graph.value_info, *inferred.graph.output]:
            if info.type.HasField("tensor_type"):
                types[info.name] = [info.type.tensor_type.elem_type, dims_of(info.type.tensor_type)]
    except Exception:
        pass
    cases.append({"file": file, "name": name, "checked": checked, "types": types, "declared": declared})


seen = set()
for case in collect_testcases(None):
    if case.model is not None and case.name not in seen:
        seen.add(case.name)
        add(case.name, case.model)
data = os.path.join(os.path.dirname(onnx.__file__), "backend", "test", "data")
for path in sorted(glob.glob(os.path.join(data, "**", "*.onnx"), recursive=True)):
    add(os.path.relpath(path, data).replace("/model.onnx", ""), onnx.load(path))
(folder / "cases.json").write_text(json.dumps({"onnx": onnx.__version__, "cases": cases}))
print(len(cases))
