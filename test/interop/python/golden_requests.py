"""Writes golden_requests.json: inference requests as tritonclient and kserve put them on the wire, for every datatype that
each can send, with the elements they were made from. Run in a virtual environment with requirements.txt:

    python golden_requests.py > golden_requests.json
"""
import base64
import json
import sys

import ml_dtypes
import numpy as np
import orjson
import tritonclient.http as triton
from kserve.protocol.infer_type import InferInput, InferRequest, RequestedOutput
from tritonclient.http._utils import _get_inference_request


def extremes(dtype):
    info = np.iinfo(dtype)
    return np.array([[info.min, info.max, 0], [1, 2, 3]], dtype=dtype)


def floats(dtype, info):
    tiny = float(info.smallest_subnormal)
    return np.array([[0.0, -0.0, 0.1], [float(info.max), float(info.min), tiny]]).astype(dtype)


values = {
    "BOOL": np.array([[True, False, True]]),
    **{name: extremes(name.lower()) for name in ["UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"]},
    "FP16": floats(np.float16, np.finfo(np.float16)),
    "BF16": floats(ml_dtypes.bfloat16, ml_dtypes.finfo(ml_dtypes.bfloat16)),
    "FP32": floats(np.float32, np.finfo(np.float32)),
    "FP64": floats(np.float64, np.finfo(np.float64)),
    "BYTES": np.array([["", "a"], ["naïve 猫 😀", 'quote " backslash \\ newline \n']], dtype=np.object_),
    "FP32 non-finite": np.array([np.nan, np.inf, -np.inf], dtype=np.float32),
    "FP32 empty": np.zeros([0, 3], dtype=np.float32),
    "BYTES empty": np.array([], dtype=np.object_),
}


def expected(name, array):
    datatype = name.split(" ")[0]
    if datatype == "BYTES":
        return {"strings": [str(item) for item in array.flatten()]}
    return {"bytes": base64.b64encode(array.tobytes()).decode()}


def case(title, body, json_size, inputs, **facts):
    return {
        "title": title,
        "body": base64.b64encode(body).decode(),
        "jsonBytes": json_size,
        "inputs": [
            {"name": f"in{i}", "datatype": name.split(" ")[0], "shape": list(array.shape), **expected(name, array)}
            for i, (name, array) in enumerate(inputs)
        ],
        **facts,
    }


def triton_case(title, inputs, binary, outputs=None, **options):
    wire = []
    for i, (name, array) in enumerate(inputs):
        item = triton.InferInput(f"in{i}", list(array.shape), name.split(" ")[0])
        item.set_data_from_numpy(array, binary_data=binary[i])
        wire.append(item)
    defaults = dict(sequence_id=0, sequence_start=False, sequence_end=False, priority=0, timeout=None, custom_parameters=None)
    request_id = options.pop("request_id", "")
    body, json_size = _get_inference_request(wire, request_id, outputs, **{**defaults, **options})
    return case(f"tritonclient: {title}", body, json_size, inputs, binaryOutputs=outputs is None, id=request_id or None)


def kserve_case(title, inputs, binary, outputs=None, parameters=None):
    wire = []
    for i, (name, array) in enumerate(inputs):
        item = InferInput(f"in{i}", list(array.shape), name.split(" ")[0])
        item.set_data_from_numpy(array, binary_data=binary[i])
        wire.append(item)
    request = InferRequest("m", wire, request_id="42", request_outputs=outputs, parameters=parameters)
    body, json_size = request.to_rest()
    if json_size is None:
        body = orjson.dumps(body)
    return case(f"kserve: {title}", body, json_size, inputs, binaryOutputs=bool((parameters or {}).get("binary_data_output")), id="42")


cases = []
for name, array in values.items():
    datatype = name.split(" ")[0]
    cases.append(triton_case(f"{name} in binary", [(name, array)], [True]))
    if datatype not in ("BF16",):
        cases.append(triton_case(f"{name} in JSON", [(name, array)], [False]))
    if datatype not in ("BF16",):
        cases.append(kserve_case(f"{name} in binary", [(name, array)], [True]))
    if datatype not in ("BF16", "FP16") and name != "FP32 non-finite":
        cases.append(kserve_case(f"{name} in JSON", [(name, array)], [False]))

mixed = [("INT64", values["INT64"]), ("FP32", values["FP32"]), ("BYTES", values["BYTES"]), ("BOOL", values["BOOL"])]
cases.append(
    triton_case(
        "four inputs, some in binary",
        mixed,
        [True, False, True, True],
        outputs=[triton.InferRequestedOutput("a"), triton.InferRequestedOutput("b", binary_data=False)],
        request_id="the id",
        priority=1,
        timeout=2_000_000,
        custom_parameters={"text": "é", "count": 3, "flag": True},
    )
)
cases.append(
    kserve_case(
        "four inputs, some in binary",
        mixed,
        [True, False, True, True],
        outputs=[RequestedOutput("a", {"binary_data": True}), RequestedOutput("b")],
        parameters={"binary_data_output": False, "text": "é"},
    )
)
cases.append(kserve_case("NaN in JSON, which orjson writes as null", [("FP32", np.array([np.nan, 1], dtype=np.float32))], [False]))

json.dump(cases, sys.stdout, indent=1)
sys.stdout.write("\n")
