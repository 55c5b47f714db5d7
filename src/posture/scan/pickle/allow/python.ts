/**
 * What Python's own library gives to pickles of data. `operator`, `functools`, `getattr`, `map` and all else that calls or reaches into its
 * arguments is missing on purpose; so is `collections.namedtuple`, which runs code that it builds from text.
 */
export const python = `
builtins: object set(literal) frozenset(literal) list(literal) dict(literal) tuple(literal) int(literal) float(literal) str(literal)
builtins: bool(literal) complex(literal) slice(literal) range(literal) xrange(literal) bytes(literal) bytearray(literal) NotImplemented= Ellipsis=
collections: OrderedDict(literal) Counter(literal) deque(literal) defaultdict(factory)
copyreg: _reconstructor(reconstruct) __newobj__(class)
_codecs: encode(latin)
datetime: date(literal) datetime(literal) time(literal) timedelta(literal) timezone(literal)
decimal: Decimal(literal)
fractions: Fraction(fraction)
uuid: UUID SafeUUID(literal)
pathlib: PurePosixPath(literal) PosixPath(literal) PureWindowsPath(literal) WindowsPath(literal)
argparse: Namespace
types: SimpleNamespace(nothing)
array: array= _array_reconstructor(literal)
`;
