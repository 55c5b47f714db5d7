"""Fuzzed pickle streams and what CPython's two unpicklers do with each, a line of JSON a stream. argv: seed, count."""
import io, json, pickle, pickletools, random, resource, struct, sys

resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
seed, count = int(sys.argv[1]), int(sys.argv[2])
rng = random.Random(seed)
events = []


def noting(kind):
    def method(self, *args):
        events.append(kind)

    return method


class Meta(type):
    """A class answers for itself what its objects answer for themselves."""

    def __call__(cls, *args, **kwargs):
        events.append("call")
        return object.__new__(cls)

    __setitem__ = noting("setitem")


def own(kind):
    return property(lambda cls: lambda *args: events.append(kind))


for name, kind in (("__setstate__", "build"), ("append", "append"), ("extend", "append"), ("add", "add")):
    setattr(Meta, name, own(kind))


def new(cls, *args, **kwargs):
    if not isinstance(cls, type):
        raise TypeError
    events.append("new")
    return object.__new__(cls)


def called(self, *args, **kwargs):
    events.append("call")
    return object.__new__(type(self))


body = {
    "__call__": called,
    "__new__": new,
    "__setstate__": noting("build"),
    "append": noting("append"),
    "extend": noting("append"),
    "add": noting("add"),
    "__setitem__": noting("setitem"),
}


class Hooks:
    def find_class(self, module, name):
        if not isinstance(module, str) or not isinstance(name, str):
            raise TypeError
        events.append(f"global {module} {name}")
        return Meta("Stub", (), dict(body))

    def persistent_load(self, pid):
        events.append("persistent")
        return object.__new__(Meta("Held", (), dict(body)))


class Fast(Hooks, pickle.Unpickler):
    pass


class Slow(Hooks, pickle._Unpickler):
    pass


def told(value, depth=2):
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int):
        return f"int {value}" if value.bit_length() < 4000 else "int"
    if isinstance(value, float):
        return "nan" if value != value else "float " + struct.pack(">d", value).hex()
    if isinstance(value, str):
        return "str " + value.encode("utf-8", "surrogatepass").hex()
    if isinstance(value, (bytes, bytearray)):
        return f"{type(value).__name__} {len(value)}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__} {len(value)}" + ("" if depth == 0 else " [" + ", ".join(told(v, depth - 1) for v in value) + "]")
    if isinstance(value, (dict, set, frozenset)):
        return type(value).__name__
    return "other"


def run(kind, data, buffers):
    events.clear()
    file = io.BytesIO(data)
    try:
        value = kind(file, **({} if buffers is None else {"buffers": [b"ab"] * buffers})).load()
    except MemoryError:
        return None
    except Exception as error:
        return {"events": list(events), "error": f"{type(error).__name__}: {error}"[:200]}
    return {"events": list(events), "end": file.tell(), "value": told(value)}


def operations(data):
    try:
        return sum(1 for _ in pickletools.genops(data))
    except Exception:
        return None


lines = [b"os", b"system", b"collections", b"OrderedDict", b"1", b"0", b"00", b"01", b"-5", b"010", b"0x1f", b"12L", b"1_0", b" 7", b"7 ", b"1.5", b"1e5", b"inf", b"nan", b"'a\\n\\x41'", b'"q"', b"'", b"\\u0041", b"\\ud800", b"\\", b"a.b", b"\xc3\xa9", b"\xff", b"", b"3\x004", b"9" * 25, b"99999999999999999999"]


def argument(op):
    kind = op.arg.n
    if op.name in ("PUT", "GET"):
        return (rng.choice(lines) if rng.random() < 0.2 else str(rng.randrange(4)).encode()) + b"\n"
    if kind == pickletools.UP_TO_NEWLINE:
        return b"".join(rng.choice(lines) + b"\n" for _ in range(2 if op.name in ("GLOBAL", "INST") else 1))
    text = rng.choice((b"", b"os", b"system", b"abc", b"\xc3\xa9", b"\xed\xa0\x80", b"\xff", b"a\nb"))
    size = {pickletools.TAKEN_FROM_ARGUMENT1: "<B", pickletools.TAKEN_FROM_ARGUMENT4: "<i", pickletools.TAKEN_FROM_ARGUMENT4U: "<I", pickletools.TAKEN_FROM_ARGUMENT8U: "<Q"}.get(kind)
    if size:
        wrong = rng.random() < 0.03
        return struct.pack(size, min(len(text) + 7, 255) if wrong else len(text)) + text
    if op.name == "FRAME":
        return struct.pack("<Q", rng.choice((0, 1, 4, 9, 20, 60)))
    if op.name == "PROTO":
        return bytes([rng.choice((0, 1, 2, 3, 4, 4, 4, 5, 6))])
    if op.name in ("BINPUT", "BINGET"):
        return bytes([rng.randrange(4)])
    if op.name in ("LONG_BINPUT", "LONG_BINGET"):
        return struct.pack("<I", rng.randrange(4))
    if op.name == "BINFLOAT":
        return struct.pack(">d", rng.choice((0.0, -1.5, 1e300, float("inf"))))
    return bytes(rng.choice((0, 1, 2, 255, rng.randrange(256))) for _ in range(kind))


pushing = "NONE BININT1 MARK EMPTY_LIST EMPTY_DICT EMPTY_SET EMPTY_TUPLE GLOBAL SHORT_BINUNICODE SHORT_BINBYTES BYTEARRAY8 BININT".split()
by_name = {op.name: op for op in pickletools.opcodes}


def program():
    data = b""
    for _ in range(rng.randrange(1, 25)):
        op = by_name[rng.choice(pushing)] if rng.random() < 0.45 else rng.choice(pickletools.opcodes)
        if op.name == "STOP" and rng.random() < 0.8:
            continue
        data += op.code.encode("latin1") + (b"" if op.arg is None else argument(op))
    return data + (b"." if rng.random() < 0.9 else b"")


class Thing:
    def __reduce_ex__(self, protocol):
        return (Thing, (1,), {"a": 1}, iter([1, 2]), iter([("k", "v")]))


def sample():
    value = rng.choice(
        [
            {"a": [1, 2.5, None], "b": ("x", b"y", {3, 4})},
            [Thing(), Thing()],
            [[i, str(i), -i * 10**9] for i in range(9)],
            ("x" * 300, b"z" * 300, 2**80, bytearray(b"q"), frozenset([1])),
            Thing(),
        ]
    )
    return pickle.dumps(value, rng.randrange(6))


def mutated():
    data = bytearray(sample())
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(data) + 1)
        what = rng.random()
        if what < 0.4 and at < len(data):
            data[at] = rng.randrange(256)
        elif what < 0.6:
            del data[at : at + rng.randrange(1, 4)]
        elif what < 0.8:
            data[at:at] = program()
        else:
            data[at:at] = data[at : at + rng.randrange(1, 8)]
        if not data:
            break
    return bytes(data)


print(json.dumps({"opcodes": {op.name: ord(op.code) for op in pickletools.opcodes}}))
for _ in range(count):
    stream = program() if rng.random() < 0.6 else mutated()
    buffers = rng.choice((None, None, 0, 1, 3))
    print(json.dumps({"hex": stream.hex(), "buffers": buffers, "c": run(Fast, stream, buffers), "python": run(Slow, stream, buffers), "opcodes": operations(stream)}))
