"""Writes golden_arrays.json: .npy files as numpy writes them, for every element type, byte order, memory order and version,
with the elements they were made from (little-endian, row-major, as hex). Needs numpy:

    python golden_arrays.py > golden_arrays.json
"""
import base64
import io
import json
import warnings
import zipfile

import numpy as np
from numpy.lib import format as npy

TYPES = {
    "?": "bool", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "u1": "uint8", "u2": "uint16", "u4": "uint32",
    "u8": "uint64", "f2": "float16", "f4": "float32", "f8": "float64", "c8": "complex64", "c16": "complex128",
}


def save(array, version=None):
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        npy.write_array(out, array, version=version, allow_pickle=True)
    return base64.b64encode(out.getvalue()).decode()


def case(name, array, type, version=None, **more):
    plain = np.ascontiguousarray(array)
    if type == "string":
        values = {"strings": [s.decode() if isinstance(s, bytes) else s for s in plain.ravel().tolist()]}
    else:
        little = plain.astype(plain.dtype.newbyteorder("<"))
        values = {"hex": little.tobytes().hex()}
    return {"name": name, "file": save(array, version), "type": type, "dims": list(array.shape), **values, **more}


def numbers(code):
    if code == "?":
        return np.array([[True, False, True], [False, False, True]])
    dtype = np.dtype(code)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return np.array([[info.min, info.max, 0], [1, 2, 3]], dtype=dtype)
    with np.errstate(over="ignore"):
        values = np.array([[0.1, -0.0, np.inf], [np.nan, 1e-7, -65504]]).astype(dtype)
    return values * (1 + 2j) if dtype.kind == "c" else values


cases = []
for code, type in TYPES.items():
    array = numbers(code)
    cases.append(case(f"{type}", array, type, canonical=True))
    cases.append(case(f"{type} big-endian", array.astype(array.dtype.newbyteorder(">")), type))
    cases.append(case(f"{type} column-major", np.asfortranarray(array), type))

cube = np.arange(2 * 3 * 4, dtype="<i2").reshape(2, 3, 4)
cases += [
    case("big-endian and column-major cube", np.asfortranarray(cube.astype(">i2")), "int16"),
    case("column-major, 16 bytes an element", np.asfortranarray(cube.astype("c16")), "complex128"),
    case("column-major with a dimension of one", np.asfortranarray(cube[:, :1, :]), "int16"),
    case("scalar", np.array(7, dtype="<f4"), "float32", canonical=True),
    case("vector", np.arange(5, dtype="<f8"), "float64", canonical=True),
    case("empty", np.zeros((0, 28, 28), dtype="<f4"), "float32", canonical=True),
    case("empty and column-major", np.asfortranarray(np.zeros((3, 0, 2), dtype="<f4")), "float32"),
    case("long shape", np.zeros((1,) * 32, dtype="<f4"), "float32", canonical=True),
    case("twelve digits", np.zeros((123456789012, 0), dtype="<f4"), "float32", canonical=True),
    case("version 2", cube, "int16", version=(2, 0)),
    case("version 3", cube, "int16", version=(3, 0)),
    case("text", np.array(["zero", "猫😀", ""]), "string", canonical=True),
    case("text big-endian, column-major", np.asfortranarray(np.array([["a", "bc"], ["d", "é"]], dtype=">U2")), "string"),
    case("bytes", np.array([b"spam", b"ham", "é".encode()]), "string"),
]
refused = [
    {"name": "objects", "file": save(np.array([1, "a", None], dtype=object)), "says": "object array"},
    {"name": "structured", "file": save(np.zeros(2, dtype=[("a", "<f4"), ("b", "<i8")])), "says": "structured"},
    {"name": "void", "file": save(np.zeros(2, dtype="V2")), "says": "raw or structured"},
    {"name": "dates", "file": save(np.array(["2026-01-01"], dtype="M8[ns]")), "says": "dates"},
    {"name": "extended floats", "file": save(np.zeros(2, dtype=np.longdouble)), "says": "none that a model takes"},
]

x = np.arange(6, dtype="<f4").reshape(2, 3)
y = np.zeros(1000, dtype="<i8")


def archive(name, write):
    out = io.BytesIO()
    write(out)
    return {"name": name, "file": base64.b64encode(out.getvalue()).decode()}


class Unseekable(io.RawIOBase):
    """A stream that cannot go back, for which zipfile puts sizes behind the data."""

    def __init__(self, out):
        self.out = out

    def writable(self):
        return True

    def write(self, data):
        return self.out.write(data)


def zipped(out, comment=b""):
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = comment
        for name, array in {"x": x, "y": y}.items():
            data = io.BytesIO()
            np.save(data, array)
            file.writestr(name + ".npy", data.getvalue())


def zipped64(out):
    """With every size and count in its 64-bit form, as files over 4 GiB have them."""
    limits = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 1, 1
    zipped(out)
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = limits


archives = [
    archive("np.savez", lambda out: np.savez(out, x=x, y=y)),
    archive("np.savez_compressed", lambda out: np.savez_compressed(out, x=x, y=y)),
    archive("with a comment", lambda out: zipped(out, b"made by hand PK\x05\x06")),
    archive("sizes behind the data", lambda out: zipped(Unseekable(out))),
    archive("64-bit sizes", zipped64),
]
print(json.dumps({"numpy": np.__version__, "cases": cases, "refused": refused, "archives": archives}, indent=1, ensure_ascii=False))
