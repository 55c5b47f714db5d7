"""Reads encoded inference responses (JSON on standard input) with tritonclient and with kserve, and writes down what each saw."""
import base64
import json
import sys

import tritonclient.http as triton
from kserve.protocol.infer_type import InferResponse


def seen(array):
    if array.dtype == object:
        return {"shape": list(array.shape), "strings": [text(item) for item in array.flatten()]}
    return {"shape": list(array.shape), "bytes": base64.b64encode(array.tobytes()).decode()}


def text(item):
    return item.decode() if isinstance(item, bytes) else item


def by_triton(body, json_bytes, names):
    result = triton.InferResult.from_response_body(body, header_length=json_bytes)
    return [seen(result.as_numpy(name)) for name in names]


def by_kserve(body, json_bytes, names):
    response = InferResponse.from_bytes(body, json_bytes if json_bytes is not None else len(body))
    return [seen(response.get_output_by_name(name).as_numpy()) for name in names]


answers = []
for case in json.load(sys.stdin):
    body = base64.b64decode(case["body"])
    readers = {"tritonclient": by_triton, "kserve": by_kserve}
    answers.append({client: readers[client](body, case["jsonBytes"], case["names"]) for client in case["clients"]})
json.dump(answers, sys.stdout)
