"""Writes src/model/onnx/operators.gen.ts: every operator schema of every version that PyPI `onnx` knows, as compact lines.

    python -m venv /tmp/onnx-venv && /tmp/onnx-venv/bin/pip install onnx==1.23.2
    /tmp/onnx-venv/bin/python tools/operators.py

Run it again when a newer `onnx` brings new operator sets; `facts.test.ts` prints what it covers.
"""

import json
import pathlib

import onnx
from onnx import defs, helper

TYPES = {
    "float": "float32", "double": "float64", "float16": "float16", "bfloat16": "bfloat16", "string": "string", "bool": "bool",
    "float8e4m3fn": "float8e4m3fn", "float8e4m3fnuz": "float8e4m3fnuz", "float8e5m2": "float8e5m2", "float8e5m2fnuz": "float8e5m2fnuz",
}
KINDS = {
    "FLOAT": "float", "INT": "int", "STRING": "string", "TENSOR": "tensor", "GRAPH": "graph", "FLOATS": "floats", "INTS": "ints",
    "STRINGS": "strings", "TENSORS": "tensors", "GRAPHS": "graphs", "SPARSE_TENSOR": "sparse", "SPARSE_TENSORS": "sparses",
    "TYPE_PROTO": "type", "TYPE_PROTOS": "types",
}
sets: dict[str, int] = {}


def short(type_string: str) -> str:
    """`tensor(float)` becomes `float32`, `seq(tensor(float))` becomes `seq(float32)`; others keep their form."""
    text = type_string.replace(" ", "")
    if text.startswith("tensor(") and text.endswith(")"):
        return TYPES.get(text[7:-1], text[7:-1])
    for wrapper in ("seq(", "optional("):
        if text.startswith(wrapper) and text.endswith(")"):
            return wrapper + short(text[len(wrapper):-1]) + ")"
    return text


def type_set(types) -> int:
    return sets.setdefault(" ".join(sorted({short(t) for t in types})), len(sets))


def formal(parameter, constraints) -> str:
    option = parameter.option.name
    mark = {"Optional": "?", "Variadic": "*" if parameter.is_homogeneous else "+"}.get(option, "")
    name = parameter.type_str
    return f"{parameter.name}{mark}:{name if name in constraints else '=' + short(name)}"


def attribute(a) -> str:
    text = a.name + ("!" if a.required else "") + ":" + KINDS[a.type.name]
    if not a.required and a.default_value is not None and a.default_value.type:
        value = helper.get_attribute_value(a.default_value)
        if isinstance(value, bytes):
            value = value.decode()
        if isinstance(value, list):
            value = [v.decode() if isinstance(v, bytes) else v for v in value]
        if not isinstance(value, (int, float, str, list)):
            return text
        if isinstance(value, float):
            value = float(f"{value:.8g}")
        text += "=" + json.dumps(value)
    return text


def bound(n: int) -> str:
    return "*" if n >= 2**31 - 1 else str(n)


lines = []
for s in sorted(defs.get_all_schemas_with_history(), key=lambda s: (s.domain, s.name, s.since_version)):
    constraints = {c.type_param_str: type_set(c.allowed_type_strs) for c in s.type_constraints}
    lines.append("|".join([
        s.domain, s.name, str(s.since_version),
        f"{bound(s.min_input)},{bound(s.max_input)}", f"{bound(s.min_output)},{bound(s.max_output)}",
        ";".join(formal(p, constraints) for p in s.inputs), ";".join(formal(p, constraints) for p in s.outputs),
        ";".join(f"{k}={v}" for k, v in constraints.items()),
        "\t".join(attribute(a) for _, a in sorted(s.attributes.items())),
        ("deprecated" if s.deprecated else "") + ("function" if s.has_function or s.has_context_dependent_function else ""),
    ]))

for line in lines:
    assert "`" not in line and "\\" not in line.replace("\\u", ""), line
opset = defs.onnx_opset_version()
ml = max(s.since_version for s in defs.get_all_schemas_with_history() if s.domain == "ai.onnx.ml")
out = pathlib.Path(__file__).parent.parent / "src/model/onnx/operators.gen.ts"
out.write_text(
    f"// Made by tools/operators.py from PyPI onnx {onnx.__version__}; the format is described in facts.ts. Do not edit.\n"
    f"export const newestOpset = {opset};\n"
    f"export const newestMlOpset = {ml};\n"
    "export const typeSets: readonly string[] = [\n" + "".join(f'  "{t}",\n' for t in sets) + "];\n"
    "export const operatorLines = `\n" + "\n".join(lines) + "\n`;\n"
)
print(len(lines), "schemas,", out.stat().st_size, "bytes")
