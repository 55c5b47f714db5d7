# Makes golden_columnar.json: Parquet, Arrow and Feather files as pyarrow writes them, with the rows that they hold. Run by hand:
#   pip install pyarrow==26.0.1 && python golden_columnar.py > golden_columnar.json
import base64, datetime, decimal, io, json, random, sys
import pyarrow as pa, pyarrow.feather as feather, pyarrow.parquet as pq

random.seed(5)
N = 120
def holes(values, every): return [None if i % every == 3 else v for i, v in enumerate(values)]

table = pa.table({
    "i8": pa.array([i % 200 - 100 for i in range(N)], pa.int8()),
    "u32": pa.array(holes([i * 14316557 % 2**32 for i in range(N)], 7), pa.uint32()),
    "i64": pa.array([(i - 150) * 10**12 for i in range(N)], pa.int64()),
    "huge": pa.array([2**62 + i for i in range(N)], pa.int64()),
    "f32": pa.array(holes([i / 8 for i in range(N)], 11), pa.float32()),
    "f64": pa.array([float("nan") if i == 5 else i / 3 for i in range(N)], pa.float64()),
    "flag": pa.array(holes([i % 3 == 0 for i in range(N)], 5), pa.bool_()),
    "word": pa.array(holes([["red", "grün", "blue"][i * 7 % 3] for i in range(N)], 13), pa.string()),
    "category": pa.array(holes([["no", "yes"][i % 2] for i in range(N)], 17), pa.string()).dictionary_encode(),
    "day": pa.array([datetime.date(2020, 1, 1) + datetime.timedelta(days=i) for i in range(N)], pa.date32()),
    "moment": pa.array(holes([datetime.datetime(2020, 1, 1, 12) + datetime.timedelta(seconds=i) for i in range(N)], 19), pa.timestamp("us")),
    "money": pa.array([decimal.Decimal(i * 25 - 3000) / 100 for i in range(N)], pa.decimal128(9, 2)),
    "vector": pa.array([[i / 4, -i, 1.5] for i in range(N)], pa.list_(pa.float32())),
    "nothing": pa.nulls(N),
})

def cell(v):
    if isinstance(v, float) and v != v: return None
    if isinstance(v, int) and not isinstance(v, bool) and abs(v) >= 2**53: return str(v)
    if isinstance(v, decimal.Decimal): return float(v)
    if isinstance(v, datetime.datetime): return v.isoformat(timespec="milliseconds") + "Z"
    if isinstance(v, datetime.date): return v.isoformat() + "T00:00:00.000Z"
    return v

rows = [[cell(v) for v in row.values()] for row in table.to_pylist()]
files = []
def add(name, format, write):
    sink = io.BytesIO(); write(sink)
    files.append({"name": name, "format": format, "bytes": base64.b64encode(sink.getvalue()).decode()})

for codec in ["NONE", "SNAPPY", "GZIP", "ZSTD", "LZ4", "BROTLI"]:
    add(f"parquet {codec}", "parquet", lambda s: pq.write_table(table, s, compression=codec, row_group_size=50))
add("parquet, pages of version 2, no dictionaries", "parquet", lambda s: pq.write_table(table, s, data_page_version="2.0", use_dictionary=False, row_group_size=40))
add("parquet, delta encodings", "parquet", lambda s: pq.write_table(table, s, use_dictionary=False, column_encoding={"i64": "DELTA_BINARY_PACKED", "word": "DELTA_BYTE_ARRAY", "f64": "BYTE_STREAM_SPLIT"}, data_page_size=512))
for codec in ["uncompressed", "lz4", "zstd"]:
    add(f"feather {codec}", "arrow", lambda s: feather.write_feather(table, s, compression=codec, chunksize=50))
def stream(s):
    with pa.ipc.new_stream(s, table.schema) as w: w.write_table(table, max_chunksize=45)
add("arrow stream", "arrow", stream)
json.dump({"pyarrow": pa.__version__, "columns": table.column_names, "rows": rows, "files": files}, sys.stdout, separators=(",", ":"), ensure_ascii=False)
