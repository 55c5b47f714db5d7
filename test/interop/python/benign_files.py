"""Files that honest programs write: numpy, scikit-learn, joblib and plain pickles, and torch where it is installed. argv: the folder."""
import bz2, collections, datetime, decimal, fractions, gzip, io, itertools, lzma, pickle, sys, tarfile, uuid, warnings, zipfile, zlib
from pathlib import Path, PurePosixPath

import joblib
import numpy as np
from sklearn.base import is_classifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import all_estimators

warnings.simplefilter("ignore")
out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(7)
count = itertools.count()


def path(name):
    return out / f"{next(count):04d}-{name}"


def pickled(value, name, protocols=(0, 2, 3, 4, 5)):
    for protocol in protocols:
        path(f"{name}-{protocol}.pkl").write_bytes(pickle.dumps(value, protocol))


def plain():
    shared = ["x", "y"]
    values = {
        "none": None,
        "dict": {"a": 1, "b": [1.5, 2, -3], "c": ("x", b"\x00\xff", True), "d": shared, "e": shared},
        "numbers": [0, -1, 255, 256, 65536, 2**31, -(2**63), 2**70, 1e300, float("inf"), float("nan"), 1j],
        "text": ["", "a" * 300, "\u00e9\u4e2d\U0001f600", "line\nline", "\\", "'\""],
        "sets": [{1, 2, 3}, frozenset("abc"), set()],
        "ordered": collections.OrderedDict([("x", 1), ("y", 2)]),
        "default": collections.defaultdict(list, {"a": [1]}),
        "counter": collections.Counter("hello"),
        "deque": collections.deque([1, 2, 3], maxlen=5),
        "dates": [datetime.datetime(2024, 5, 17, 1, 2, 3), datetime.date(2024, 1, 1), datetime.timedelta(days=3), datetime.timezone.utc],
        "exact": [decimal.Decimal("1.25"), fractions.Fraction(1, 3), complex(1, 2), range(3), slice(1, 2)],
        "path": PurePosixPath("a/b"),
        "uuid": uuid.UUID(int=5),
        "bytes": [bytearray(b"abc"), b"x" * 70000],
        "vocabulary": {f"word{i}": i for i in range(3000)},
        "deep": [[[[[[["end"]]]]]]],
    }
    for name, value in values.items():
        pickled(value, name)


def arrays():
    samples = [
        np.arange(6).reshape(2, 3).astype(dtype)
        for dtype in ("b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16 >f8 >i4".split())
    ]
    samples += [
        np.array(["a", "bcd"]),
        np.array([b"a", b"bcd"]),
        np.array(["2024-01-01", "2024-05-17"], dtype="M8[D]"),
        np.array([1, 2], dtype="m8[ns]"),
        np.array([(1, 2.5, "x")], dtype=[("i", "i4"), ("f", "f8"), ("s", "U3")]),
        np.asfortranarray(rng.normal(size=(4, 5))),
        rng.normal(size=(4, 6))[::2, ::3],
        np.float64(3.5),
        np.zeros((0, 3)),
        np.array(5),
        np.array([1, "a", None], dtype=object),
        np.array([{"a": 1}, [1, 2]], dtype=object),
        np.ma.masked_array([1.0, 2.0], mask=[True, False]),
        np.rec.array([(1, 2.0)], names="a,b"),
    ]
    for i, sample in enumerate(samples):
        pickled(sample, f"array{i}", (0, 2, 5))
        if not np.ma.isMaskedArray(sample):
            np.save(path(f"array{i}.npy"), sample)
        joblib.dump({"a": sample, "b": [sample]}, path(f"array{i}.joblib"))
        for compress in (3, ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3)):
            if i % 5 == 0:
                joblib.dump({"a": sample}, path(f"array{i}-packed.joblib"), compress=compress)
    np.savez(path("plain.npz"), *samples[:10])
    np.savez_compressed(path("packed.npz"), *samples[:10], o=samples[-4])
    pickled([np.random.default_rng(3), np.random.RandomState(3), np.random.PCG64(1), np.random.SeedSequence(3)], "generators", (2, 5))
    pickled([np.dtype("f8"), np.dtype([("a", "i4"), ("b", "O")]), np.float32, np.int64(3)], "types", (2, 5))


def packed():
    data = pickle.dumps({"w": rng.normal(size=50), "n": "weights"})
    path("a.pkl.gz").write_bytes(gzip.compress(data))
    path("a.pkl.zz").write_bytes(zlib.compress(data))
    path("a.pkl.bz2").write_bytes(bz2.compress(data))
    path("a.pkl.xz").write_bytes(lzma.compress(data))
    path("a.pkl.lzma").write_bytes(lzma.compress(data, lzma.FORMAT_ALONE))
    path("two.pkl.gz").write_bytes(gzip.compress(data[:100]) + gzip.compress(data[100:]))
    path("several.pkl").write_bytes(b"".join(pickle.dumps(i) for i in range(50)))
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(path(f"m{method}.zip"), "w", method) as archive:
            archive.writestr("a/b.pkl", data)
            archive.writestr("readme.txt", "weights\n")
            with archive.open("streamed.pkl", "w", force_zip64=True) as member:
                member.write(data)
    for kind in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        for mode in ("w", "w:gz"):
            with tarfile.open(path(f"t{kind}.tar"), mode, format=kind) as archive:
                for name in ("a.pkl", "b" * (120 if kind != tarfile.USTAR_FORMAT else 80) + ".pkl", "\u00e9.pkl"):
                    info = tarfile.TarInfo(name)
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))
                folder = tarfile.TarInfo("folder")
                folder.type = tarfile.DIRTYPE
                archive.addfile(folder)


def estimators():
    x = rng.normal(size=(30, 4))
    labels, y = (x[:, 0] > 0).astype(int), x[:, 0] * 2 + 1
    for name, kind in all_estimators():
        try:
            model = kind()
            model.fit(np.abs(x) if "NB" in name or "Chi2" in name or name in ("NMF", "MiniBatchNMF", "LatentDirichletAllocation") else x, labels if is_classifier(model) else y)
        except Exception:
            try:
                model = kind()
            except Exception:
                continue
        pickled(model, name, (2, 5) if len(name) % 2 else (4,))
        joblib.dump(model, path(f"{name}.joblib"), compress=3 if len(name) % 3 == 0 else 0)
        if len(name) % 4 == 0 and hasattr(model, "predict"):
            joblib.dump(make_pipeline(StandardScaler(), model), path(f"pipe-{name}.joblib"))


def torch_files():
    try:
        import torch
    except ImportError:
        return
    nn = torch.nn
    nets = [
        nn.Linear(3, 2),
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2)),
        nn.LSTM(3, 4, 2),
        nn.GRU(3, 4),
        nn.Embedding(5, 3),
        nn.TransformerEncoderLayer(8, 2, 16),
        nn.MultiheadAttention(8, 2),
        nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.ParameterList([nn.Parameter(torch.ones(2))])}),
        nn.Sequential(nn.Dropout(), nn.GELU(), nn.LayerNorm(4), nn.Softmax(-1), nn.LeakyReLU(), nn.ConvTranspose1d(2, 2, 3), nn.GroupNorm(2, 4)),
    ]
    for i, net in enumerate(nets):
        for old in (False, True):
            options = {"_use_new_zipfile_serialization": not old}
            torch.save(net, path(f"net{i}.pt"), **options)
            torch.save(net.state_dict(), path(f"state{i}.pt"), **options)
            optimizer = (torch.optim.Adam, torch.optim.SGD, torch.optim.RMSprop)[i % 3](net.parameters(), lr=0.1)
            sum(p.sum() for p in net.parameters()).backward()
            optimizer.step()
            schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2)
            checkpoint = {"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(), "args": {"lr": 0.1}}
            torch.save(checkpoint, path(f"checkpoint{i}.ckpt"), **options)
        pickled(net, f"net{i}", (2, 4))
    dtypes = [torch.float16, torch.bfloat16, torch.float64, torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64, torch.bool, torch.complex64]
    tensors = [torch.ones(2, 3).to(dtype) for dtype in dtypes]
    tensors += [torch.ones(4, 4)[::2, 1:], torch.ones(2, 3).t(), nn.Parameter(torch.ones(2)), torch.eye(3).to_sparse(), torch.tensor(1.5), torch.empty(0)]
    tensors += [torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8), torch.ones(3, requires_grad=True), torch.Size([2, 3]), torch.device("cpu"), torch.float32]
    for i, tensor in enumerate(tensors):
        torch.save(tensor, path(f"tensor{i}.pt"))
        torch.save({"a": tensor}, path(f"tensor{i}-old.pt"), _use_new_zipfile_serialization=False)
        pickled(tensor, f"tensor{i}", (2, 5))
    for i, net in enumerate(nets[:3] + nets[4:5]):
        torch.jit.save(torch.jit.script(net), path(f"script{i}.pt"))


def written_once():
    """Files of torch in one archive: torch is too large to be installed where the tests run. argv: the folder, the archive."""
    torch_files()
    with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(out.iterdir()):
            archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


if len(sys.argv) > 2:
    written_once()
else:
    plain()
    arrays()
    packed()
    estimators()
    torch_files()
    print(next(count))
