"""Arrays in every form that `modelkeep convert` takes, and what they hold: a line of JSON with a digest for each tensor of each file."""
import hashlib
import json
import sys

import joblib
import numpy as np

folder = sys.argv[1]
rng = np.random.default_rng(7)
types = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"]
shapes = [(), (0,), (5,), (3, 4), (2, 3, 4), (1, 1, 6)]


def drawn(name, shape):
    """Any bits at all, NaN among them; a boolean has one."""
    width = np.dtype(name).itemsize
    return rng.integers(0, 2 if name == "?" else 256, (*shape, width), dtype="u1").view(name).reshape(shape)


arrays = {f"{name.replace('?', 'b')}.{i}": drawn(name, shape) for name in types for i, shape in enumerate(shapes)}
arrays |= {f"{name}.fortran": np.asfortranarray(array) for name, array in arrays.items() if array.ndim > 1}
arrays |= {f"{name}.view": array[::-1, ::2] for name, array in list(arrays.items()) if array.ndim == 2}


def digest(array):
    return [list(array.shape), hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()]


def tell(path, tensors):
    print(json.dumps({"path": path, "tensors": {name: digest(array) for name, array in tensors.items()}}))


for name, array in arrays.items():
    np.save(f"{folder}/{name}.npy", array)
    tell(f"{folder}/{name}.npy", {"array": array})
for compressed, save in ((False, np.savez), (True, np.savez_compressed)):
    path = f"{folder}/all-{compressed}.npz"
    save(path, **arrays)
    tell(path, arrays)
for compress in (0, 3, ("bz2", 3), ("xz", 3), ("lzma", 3)):
    path = f"{folder}/all-{str(compress).translate(str.maketrans('', '', chr(39) + '(), '))}.joblib"
    joblib.dump(arrays, path, compress=compress)
    tell(path, arrays)
