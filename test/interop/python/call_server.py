"""Calls a server with tritonclient and kserve as a user would, and writes down what came back. Arguments: host:port, key."""
import asyncio
import base64
import json
import sys

import numpy as np
import tritonclient.http as triton
from kserve import InferenceRESTClient, RESTConfig
from kserve.protocol.infer_type import InferInput, InferRequest, RequestedOutput
from tritonclient.utils import InferenceServerException

address, key = sys.argv[1:3]


def authorized():
    """A fresh one for each call: both clients write Inference-Header-Content-Length into the dictionary they are given."""
    return {"Authorization": f"Bearer {key}"}


samples = {
    "BOOL": np.array([[True, False]]),
    **{name: np.array([[1, np.iinfo(name.lower()).max]], dtype=name.lower()) for name in ["UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"]},
    "FP16": np.array([[0.1, -65504]], dtype=np.float16),
    "FP32": np.array([[0.1, -3.4028234663852886e38]], dtype=np.float32),
    "FP64": np.array([[0.1, 5e-324]], dtype=np.float64),
    "BYTES": np.array([["", "naïve 猫 😀"]], dtype=np.object_),
}


def text(array):
    if array.dtype != object:
        return base64.b64encode(array.tobytes()).decode()
    return [item.decode() if isinstance(item, bytes) else item for item in array.flatten()]


def triton_input(name, array, binary):
    item = triton.InferInput(name, list(array.shape), name)
    item.set_data_from_numpy(array, binary_data=binary)
    return item


def refusal(act):
    try:
        act()
    except InferenceServerException as error:
        return [error.status(), error.message()]
    return None


def by_triton():
    client = triton.InferenceServerClient(address)
    seen = {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "modelReady": client.is_model_ready("types", headers=authorized()),
        "versionReady": client.is_model_ready("types", "1", headers=authorized()),
        "missingReady": client.is_model_ready("nothing", headers=authorized()),
        "server": client.get_server_metadata(headers=authorized()),
        "model": client.get_model_metadata("types", headers=authorized()),
        "wrong": {},
    }
    for binary in (True, False):
        inputs = [triton_input(name, array, binary) for name, array in samples.items()]
        outputs = [triton.InferRequestedOutput(f"{name}_out", binary_data=binary) for name in samples]
        answer = client.infer("types", inputs, outputs=outputs, request_id="42", headers=authorized())
        form = "binary" if binary else "json"
        seen[form] = all(text(answer.as_numpy(f"{name}_out")) == text(array) for name, array in samples.items())
        seen[f"{form}Id"] = answer.get_response()["id"]
    default = client.infer("types", [triton_input(n, a, True) for n, a in samples.items()], headers=authorized())
    seen["default"] = all(text(default.as_numpy(f"{name}_out")) == text(array) for name, array in samples.items())
    few = [triton_input(n, a, True) for n, a in samples.items() if n != "FP32"]
    seen["wrong"]["missing"] = refusal(lambda: client.infer("types", few, headers=authorized()))
    seen["wrong"]["shape"] = refusal(
        lambda: client.infer("types", [*few, triton_input("FP32", np.zeros([1, 3], dtype=np.float32), True)], headers=authorized())
    )
    seen["wrong"]["key"] = refusal(lambda: client.infer("types", few, headers={"Authorization": "Bearer no"}))
    seen["wrong"]["model"] = refusal(lambda: client.infer("nothing", few, headers=authorized()))
    seen["wrong"]["gzip"] = refusal(lambda: client.infer("types", few, headers=authorized(), request_compression_algorithm="gzip"))
    classes = [triton.InferRequestedOutput("FP32_out", class_count=2)]
    seen["wrong"]["classes"] = refusal(
        lambda: client.infer("types", [triton_input(n, a, True) for n, a in samples.items()], outputs=classes, headers=authorized())
    )
    return seen


async def by_kserve():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    base = f"http://{address}"
    seen = {
        "live": await client.is_server_live(base),
        "ready": await client.is_server_ready(base),
        "modelReady": await client.is_model_ready(base, "types", headers=authorized()),
        "missingReady": await client.is_model_ready(base, "nothing", headers=authorized()),
    }
    for binary in (True, False):
        inputs = []
        for name, array in samples.items():
            item = InferInput(name, list(array.shape), name)
            # kserve refuses to send FP16 as JSON.
            item.set_data_from_numpy(array, binary_data=binary or name == "FP16")
            inputs.append(item)
        outputs = [RequestedOutput(f"{name}_out", {"binary_data": binary or name == "FP16"}) for name in samples]
        request = InferRequest("types", inputs, request_id="42", request_outputs=outputs)
        answer = await client.infer(base, request, model_name="types", headers=authorized())
        form = "binary" if binary else "json"
        seen[form] = all(text(answer.get_output_by_name(f"{name}_out").as_numpy()) == text(array) for name, array in samples.items())
        seen[f"{form}Id"] = answer.id
    await client.close()
    return seen


json.dump({"tritonclient": by_triton(), "kserve": asyncio.run(by_kserve())}, sys.stdout)
