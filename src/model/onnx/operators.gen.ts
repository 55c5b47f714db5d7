// Made by tools/operators.py from PyPI onnx 1.23.2; the format is described in facts.ts. Do not edit.
export const newestOpset = 28;
export const newestMlOpset = 5;
export const typeSets: readonly string[] = [
  "float16 float32 float64",
  "float16 float32 float64 int16 int32 int64 int8 uint16 uint32 uint64 uint8",
  "bfloat16 float16 float32 float64 int16 int32 int64 int8 uint16 uint32 uint64 uint8",
  "bfloat16 float16 float32 float64",
  "float16 float32 float64 int32 int64 uint32 uint64",
  "bfloat16 float16 float32 float64 int32 int64 uint32 uint64",
  "int64",
  "bool",
  "bfloat16 bool float16 float32 float64 int16 int32 int64 int8 uint16 uint32 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 uint16 uint2 uint32 uint4 uint64 uint8",
  "uint16 uint32 uint64 uint8",
  "int16 int32 int64 int8 uint16 uint32 uint64 uint8",
  "int32 int64",
  "bool float16 float32 float64 int16 int32 int64 int8 uint16 uint32 uint64 uint8",
  "bool float16 float32 float64 int16 int32 int64 int8 string uint16 uint32 uint64 uint8",
  "bfloat16 bool float16 float32 float64 int16 int32 int64 int8 string uint16 uint32 uint64 uint8",
  "bfloat16 bool float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int64 int8 string uint16 uint32 uint64 uint8",
  "bfloat16 bool float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 string uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 string uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int32 int4 int64 int8 string uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 string uint16 uint2 uint32 uint4 uint64 uint8",
  "bfloat16 bool float16 float32 float4e2m1 float64 float6e2m3 float6e3m2 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 string uint16 uint2 uint32 uint4 uint64 uint8",
  "bfloat16 float16 float32",
  "float32",
  "bfloat16 bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 string uint16 uint32 uint64 uint8",
  "bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 string uint16 uint32 uint64 uint8",
  "seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8)",
  "bfloat16 bool complex128 complex64 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int64 int8 string uint16 uint32 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 string uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 string uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int32 int4 int64 int8 string uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 string uint16 uint2 uint32 uint4 uint64 uint8",
  "bfloat16 bool float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int64 int8 uint16 uint32 uint64 uint8",
  "bfloat16 bool float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int32 int4 int64 int8 uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 uint16 uint2 uint32 uint4 uint64 uint8",
  "int8 uint8",
  "int32",
  "float32 float64 int32 int64 uint32 uint64",
  "int32 int8 uint8",
  "float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int32 int8 uint8",
  "float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int8 uint16 uint4 uint8",
  "float4e2m1 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int8 uint16 uint4 uint8",
  "bfloat16 float16 float32 float8e8m0",
  "float4e2m1 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int2 int32 int4 int8 uint16 uint2 uint4 uint8",
  "float4e2m1 float6e2m3 float6e3m2 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int2 int32 int4 int8 uint16 uint2 uint4 uint8",
  "bfloat16 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz",
  "uint8",
  "bool int32 int64",
  "bfloat16 bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int32 int4 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint2 uint32 uint4 uint64 uint8",
  "bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(int16) optional(int32) optional(int4) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint4) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(int16) seq(int32) seq(int4) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint4) seq(uint64) seq(uint8) string uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float4e2m1) optional(float64) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(int16) optional(int32) optional(int4) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint4) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float4e2m1) seq(float64) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(int16) seq(int32) seq(int4) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint4) seq(uint64) seq(uint8) string uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int32 int4 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float4e2m1) optional(float64) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(float8e8m0) optional(int16) optional(int32) optional(int4) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint4) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float4e2m1) seq(float64) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(float8e8m0) seq(int16) seq(int32) seq(int4) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint4) seq(uint64) seq(uint8) string uint16 uint32 uint4 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float4e2m1) optional(float64) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(float8e8m0) optional(int16) optional(int2) optional(int32) optional(int4) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint2) optional(uint32) optional(uint4) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float4e2m1) seq(float64) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(float8e8m0) seq(int16) seq(int2) seq(int32) seq(int4) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint2) seq(uint32) seq(uint4) seq(uint64) seq(uint8) string uint16 uint2 uint32 uint4 uint64 uint8",
  "float32 float64",
  "bfloat16 float32",
  "float16 float32 float64 int8 uint8",
  "bfloat16 float16 float32 float64 int8 uint8",
  "float16 float32 float64 int16 int32 int64 int8",
  "bfloat16 float16 float32 float64 int16 int32 int64 int8",
  "optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8)",
  "bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float6e2m3 float6e3m2 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float4e2m1) seq(float64) seq(float6e2m3) seq(float6e3m2) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(float8e8m0) seq(int16) seq(int2) seq(int32) seq(int4) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint2) seq(uint32) seq(uint4) seq(uint64) seq(uint8) string uint16 uint2 uint32 uint4 uint64 uint8",
  "optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float4e2m1) optional(float64) optional(float6e2m3) optional(float6e3m2) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(float8e8m0) optional(int16) optional(int2) optional(int32) optional(int4) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float4e2m1)) optional(seq(float64)) optional(seq(float6e2m3)) optional(seq(float6e3m2)) optional(seq(float8e4m3fn)) optional(seq(float8e4m3fnuz)) optional(seq(float8e5m2)) optional(seq(float8e5m2fnuz)) optional(seq(float8e8m0)) optional(seq(int16)) optional(seq(int2)) optional(seq(int32)) optional(seq(int4)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint2)) optional(seq(uint32)) optional(seq(uint4)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint2) optional(uint32) optional(uint4) optional(uint64) optional(uint8)",
  "bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8",
  "bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float6e2m3 float6e3m2 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float4e2m1) optional(float64) optional(float6e2m3) optional(float6e3m2) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(float8e8m0) optional(int16) optional(int2) optional(int32) optional(int4) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float4e2m1)) optional(seq(float64)) optional(seq(float6e2m3)) optional(seq(float6e3m2)) optional(seq(float8e4m3fn)) optional(seq(float8e4m3fnuz)) optional(seq(float8e5m2)) optional(seq(float8e5m2fnuz)) optional(seq(float8e8m0)) optional(seq(int16)) optional(seq(int2)) optional(seq(int32)) optional(seq(int4)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint2)) optional(seq(uint32)) optional(seq(uint4)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint2) optional(uint32) optional(uint4) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float4e2m1) seq(float64) seq(float6e2m3) seq(float6e3m2) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(float8e8m0) seq(int16) seq(int2) seq(int32) seq(int4) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint2) seq(uint32) seq(uint4) seq(uint64) seq(uint8) string uint16 uint2 uint32 uint4 uint64 uint8",
  "float16 float32 float64 int32 int64",
  "bfloat16 float16 float32 float64 int32 int64",
  "float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int8 uint8",
  "float32 int32",
  "bfloat16 float16 float32 int32",
  "float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int4 int8 uint16 uint4 uint8",
  "float4e2m1 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int4 int8 uint16 uint4 uint8",
  "bfloat16 float16 float32 float8e8m0 int32",
  "float4e2m1 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int2 int4 int8 uint16 uint2 uint4 uint8",
  "float4e2m1 float6e2m3 float6e3m2 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int2 int4 int8 uint16 uint2 uint4 uint8",
  "float32 float64 int16 int32 int64",
  "bfloat16 float16 float32 float64 int16 int32 int64",
  "float16 float32 float64 int32 int64 int8 uint32 uint64 uint8",
  "bfloat16 float16 float32 float64 int32 int64 int8 uint32 uint64 uint8",
  "bfloat16 bool float16 float32 float64 int32 int64 int8 uint32 uint64 uint8",
  "string",
  "seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8)",
  "int32 int64 string",
  "bool float16 float32 float64 int32 int64",
  "float32 float64 int32 int64 string",
  "float32 float64 int32 int64",
  "map(int64,float) map(int64,string)",
  "float32 int64 string",
  "int64 string",
  "map(int64,double) map(int64,float) map(int64,string) map(string,double) map(string,float) map(string,int64)",
  "float32 float64 int64 string",
  "float32 float64 int16 int32 int64 string",
  "seq(map(int64,float)) seq(map(string,float))",
];
export const operatorLines = `
|Abs|1|1,1|1,1|X:T|Y:T|T=0|consumed_inputs:ints|
|Abs|6|1,1|1,1|X:T|Y:T|T=1||
|Abs|13|1,1|1,1|X:T|Y:T|T=2||
|Acos|7|1,1|1,1|input:T|output:T|T=0||
|Acos|22|1,1|1,1|input:T|output:T|T=3||
|Acosh|9|1,1|1,1|input:T|output:T|T=0||
|Acosh|22|1,1|1,1|input:T|output:T|T=3||
|Add|1|2,2|1,1|A:T;B:T|C:T|T=0|axis:int	broadcast:int=0	consumed_inputs:ints|
|Add|6|2,2|1,1|A:T;B:T|C:T|T=4|axis:int	broadcast:int=0|
|Add|7|2,2|1,1|A:T;B:T|C:T|T=4||
|Add|13|2,2|1,1|A:T;B:T|C:T|T=5||
|Add|14|2,2|1,1|A:T;B:T|C:T|T=2||
|AffineGrid|20|2,2|1,1|theta:T1;size:T2|grid:T1|T1=3;T2=6|align_corners:int=0|function
|And|1|2,2|1,1|A:T;B:T|C:T1|T=7;T1=7|axis:int	broadcast:int=0|
|And|7|2,2|1,1|A:T;B:T|C:T1|T=7;T1=7||
|ArgMax|1|1,1|1,1|data:T|reduced:=int64|T=1|axis:int=0	keepdims:int=1|
|ArgMax|11|1,1|1,1|data:T|reduced:=int64|T=1|axis:int=0	keepdims:int=1|
|ArgMax|12|1,1|1,1|data:T|reduced:=int64|T=1|axis:int=0	keepdims:int=1	select_last_index:int=0|
|ArgMax|13|1,1|1,1|data:T|reduced:=int64|T=2|axis:int=0	keepdims:int=1	select_last_index:int=0|
|ArgMin|1|1,1|1,1|data:T|reduced:=int64|T=1|axis:int=0	keepdims:int=1|
|ArgMin|11|1,1|1,1|data:T|reduced:=int64|T=1|axis:int=0	keepdims:int=1|
|ArgMin|12|1,1|1,1|data:T|reduced:=int64|T=1|axis:int=0	keepdims:int=1	select_last_index:int=0|
|ArgMin|13|1,1|1,1|data:T|reduced:=int64|T=2|axis:int=0	keepdims:int=1	select_last_index:int=0|
|Asin|7|1,1|1,1|input:T|output:T|T=0||
|Asin|22|1,1|1,1|input:T|output:T|T=3||
|Asinh|9|1,1|1,1|input:T|output:T|T=0||
|Asinh|22|1,1|1,1|input:T|output:T|T=3||
|Atan|7|1,1|1,1|input:T|output:T|T=0||
|Atan|22|1,1|1,1|input:T|output:T|T=3||
|Atanh|9|1,1|1,1|input:T|output:T|T=0||
|Atanh|22|1,1|1,1|input:T|output:T|T=3||
|Attention|23|3,6|1,4|Q:T1;K:T1;V:T2;attn_mask?:U;past_key?:T1;past_value?:T2|Y:T1;present_key?:T1;present_value?:T2;qk_matmul_output?:T1|T1=3;T2=3;U=8|is_causal:int=0	kv_num_heads:int	q_num_heads:int	qk_matmul_output_mode:int=0	scale:float	softcap:float=0.0	softmax_precision:int|function
|Attention|24|3,7|1,4|Q:T1;K:T1;V:T2;attn_mask?:U;past_key?:T1;past_value?:T2;nonpad_kv_seqlen?:=int64|Y:T1;present_key?:T1;present_value?:T2;qk_matmul_output?:T1|T1=3;T2=3;U=8|is_causal:int=0	kv_num_heads:int	q_num_heads:int	qk_matmul_output_mode:int=0	scale:float	softcap:float=0.0	softmax_precision:int|function
|Attention|25|3,7|1,4|Q:T1;K:T1;V:T2;attn_mask?:U;past_key?:T1;past_value?:T2;nonpad_kv_seqlen?:=int64|Y:T1;present_key?:T1;present_value?:T2;qk_matmul_output?:T1|T1=3;T2=3;U=8|is_causal:int=0	kv_num_heads:int	left_window_size:int=-1	q_num_heads:int	qk_matmul_output_mode:int=0	right_window_size:int=-1	scale:float	softcap:float=0.0	softmax_precision:int|function
|AveragePool|1|1,1|1,1|X:T|Y:T|T=0|auto_pad:string="NOTSET"	kernel_shape!:ints	pads:ints	strides:ints|
|AveragePool|7|1,1|1,1|X:T|Y:T|T=0|auto_pad:string="NOTSET"	count_include_pad:int=0	kernel_shape!:ints	pads:ints	strides:ints|
|AveragePool|10|1,1|1,1|X:T|Y:T|T=0|auto_pad:string="NOTSET"	ceil_mode:int=0	count_include_pad:int=0	kernel_shape!:ints	pads:ints	strides:ints|
|AveragePool|11|1,1|1,1|X:T|Y:T|T=0|auto_pad:string="NOTSET"	ceil_mode:int=0	count_include_pad:int=0	kernel_shape!:ints	pads:ints	strides:ints|
|AveragePool|19|1,1|1,1|X:T|Y:T|T=0|auto_pad:string="NOTSET"	ceil_mode:int=0	count_include_pad:int=0	dilations:ints	kernel_shape!:ints	pads:ints	strides:ints|
|AveragePool|22|1,1|1,1|X:T|Y:T|T=3|auto_pad:string="NOTSET"	ceil_mode:int=0	count_include_pad:int=0	dilations:ints	kernel_shape!:ints	pads:ints	strides:ints|
|BatchNormalization|1|5,5|1,5|X:T;scale:T;B:T;mean:T;var:T|Y:T;mean?:T;var?:T;saved_mean?:T;saved_var?:T|T=0|consumed_inputs!:ints	epsilon:float=9.9999997e-06	is_test:int=0	momentum:float=0.89999998	spatial:int=1|
|BatchNormalization|6|5,5|1,5|X:T;scale:T;B:T;mean:T;var:T|Y:T;mean?:T;var?:T;saved_mean?:T;saved_var?:T|T=0|epsilon:float=9.9999997e-06	is_test:int=0	momentum:float=0.89999998	spatial:int=1|
|BatchNormalization|7|5,5|1,5|X:T;scale:T;B:T;mean:T;var:T|Y:T;mean?:T;var?:T;saved_mean?:T;saved_var?:T|T=0|epsilon:float=9.9999997e-06	momentum:float=0.89999998	spatial:int=1|
|BatchNormalization|9|5,5|1,5|X:T;scale:T;B:T;mean:T;var:T|Y:T;mean?:T;var?:T;saved_mean?:T;saved_var?:T|T=0|epsilon:float=9.9999997e-06	momentum:float=0.89999998|
|BatchNormalization|14|5,5|1,3|X:T;scale:T;B:T;input_mean:U;input_var:U|Y:T;running_mean?:U;running_var?:U|T=3;U=3|epsilon:float=9.9999997e-06	momentum:float=0.89999998	training_mode:int=0|
|BatchNormalization|15|5,5|1,3|X:T;scale:T1;B:T1;input_mean:T2;input_var:T2|Y:T;running_mean?:T2;running_var?:T2|T=3;T1=3;T2=3|epsilon:float=9.9999997e-06	momentum:float=0.89999998	training_mode:int=0|
|Bernoulli|15|1,1|1,1|input:T1|output:T2|T1=0;T2=8|dtype:int	seed:float|function
|Bernoulli|22|1,1|1,1|input:T1|output:T2|T1=3;T2=8|dtype:int	seed:float|function
|BitCast|26|1,1|1,1|input:T1|output:T2|T1=9;T2=9|to!:int|
|BitShift|11|2,2|1,1|X:T;Y:T|Z:T|T=10|direction!:string|
|BitShift|28|2,2|1,1|X:T;Y:T|Z:T|T=11|direction!:string|
|BitwiseAnd|18|2,2|1,1|A:T;B:T|C:T|T=11||
|BitwiseNot|18|1,1|1,1|X:T|Y:T|T=11||
|BitwiseOr|18|2,2|1,1|A:T;B:T|C:T|T=11||
|BitwiseXor|18|2,2|1,1|A:T;B:T|C:T|T=11||
|BlackmanWindow|17|1,1|1,1|size:T1|output:T2|T1=12;T2=2|output_datatype:int=1	periodic:int=1|function
|Cast|1|1,1|1,1|input:T1|output:T2|T1=13;T2=13|to!:string|
|Cast|6|1,1|1,1|input:T1|output:T2|T1=13;T2=13|to!:int|
|Cast|9|1,1|1,1|input:T1|output:T2|T1=14;T2=14|to!:int|
|Cast|13|1,1|1,1|input:T1|output:T2|T1=15;T2=15|to!:int|
|Cast|19|1,1|1,1|input:T1|output:T2|T1=16;T2=16|saturate:int=1	to!:int|
|Cast|21|1,1|1,1|input:T1|output:T2|T1=17;T2=17|saturate:int=1	to!:int|
|Cast|23|1,1|1,1|input:T1|output:T2|T1=18;T2=18|saturate:int=1	to!:int|
|Cast|24|1,1|1,1|input:T1|output:T2|T1=19;T2=19|round_mode:string="up"	saturate:int=1	to!:int|
|Cast|25|1,1|1,1|input:T1|output:T2|T1=20;T2=20|round_mode:string="up"	saturate:int=1	to!:int|
|Cast|28|1,1|1,1|input:T1|output:T2|T1=21;T2=21|round_mode:string="up"	saturate:int=1	to!:int|
|CastLike|15|2,2|1,1|input:T1;target_type:T2|output:T2|T1=15;T2=15||function
|CastLike|19|2,2|1,1|input:T1;target_type:T2|output:T2|T1=16;T2=16|saturate:int=1|function
|CastLike|21|2,2|1,1|input:T1;target_type:T2|output:T2|T1=17;T2=17|saturate:int=1|function
|CastLike|23|2,2|1,1|input:T1;target_type:T2|output:T2|T1=18;T2=18|saturate:int=1|function
|CastLike|24|2,2|1,1|input:T1;target_type:T2|output:T2|T1=19;T2=19|round_mode:string="up"	saturate:int=1|function
|CastLike|25|2,2|1,1|input:T1;target_type:T2|output:T2|T1=20;T2=20|round_mode:string="up"	saturate:int=1|function
|CausalConvWithState|27|2,4|2,2|input:T;weight:T;bias?:T;past_state?:T|output:T;present_state:T|T=22|activation:string="none"|function
|Ceil|1|1,1|1,1|X:T|Y:T|T=0|consumed_inputs:ints|
|Ceil|6|1,1|1,1|X:T|Y:T|T=0||
|Ceil|13|1,1|1,1|X:T|Y:T|T=3||
|Celu|12|1,1|1,1|X:T|Y:T|T=23|alpha:float=1.0|function
|Celu|28|1,1|1,1|X:T|Y:T|T=3|alpha:float=1.0|function
|CenterCropPad|18|2,2|1,1|input_data:T;shape:Tind|output_data:T|T=24;Tind=12|axes:ints|function
|Clip|1|1,1|1,1|input:T|output:T|T=0|consumed_inputs:ints	max:float	min:float|
|Clip|6|1,1|1,1|input:T|output:T|T=0|max:float=3.4028235e+38	min:float=-3.4028235e+38|
|Clip|11|1,3|1,1|input:T;min?:T;max?:T|output:T|T=0||
|Clip|12|1,3|1,1|input:T;min?:T;max?:T|output:T|T=1||
|Clip|13|1,3|1,1|input:T;min?:T;max?:T|output:T|T=2||function
|Col2Im|18|3,3|1,1|input:T;image_shape:=int64;block_shape:=int64|output:T|T=24|dilations:ints	pads:ints	strides:ints|
|Compress|9|2,2|1,1|input:T;condition:T1|output:T|T=25;T1=7|axis:int|
|Compress|11|2,2|1,1|input:T;condition:T1|output:T|T=25;T1=7|axis:int|
|Compress|28|2,2|1,1|input:T;condition:T1|output:T|T=24;T1=7|axis:int|
|Concat|1|1,*|1,1|inputs*:T|concat_result:T|T=0|axis:int|
|Concat|4|1,*|1,1|inputs*:T|concat_result:T|T=25|axis!:int|
|Concat|11|1,*|1,1|inputs*:T|concat_result:T|T=25|axis!:int|
|Concat|13|1,*|1,1|inputs*:T|concat_result:T|T=24|axis!:int|
|ConcatFromSequence|11|1,1|1,1|input_sequence:S|concat_result:T|S=26;T=25|axis!:int	new_axis:int=0|
|Constant|1|0,0|1,1||output:T|T=0|value!:tensor|
|Constant|9|0,0|1,1||output:T|T=25|value!:tensor|
|Constant|11|0,0|1,1||output:T|T=25|sparse_value:sparse	value:tensor|
|Constant|12|0,0|1,1||output:T|T=25|sparse_value:sparse	value:tensor	value_float:float	value_floats:floats	value_int:int	value_ints:ints	value_string:string	value_strings:strings|
|Constant|13|0,0|1,1||output:T|T=24|sparse_value:sparse	value:tensor	value_float:float	value_floats:floats	value_int:int	value_ints:ints	value_string:string	value_strings:strings|
|Constant|19|0,0|1,1||output:T|T=27|sparse_value:sparse	value:tensor	value_float:float	value_floats:floats	value_int:int	value_ints:ints	value_string:string	value_strings:strings|
|Constant|21|0,0|1,1||output:T|T=28|sparse_value:sparse	value:tensor	value_float:float	value_floats:floats	value_int:int	value_ints:ints	value_string:string	value_strings:strings|
|Constant|23|0,0|1,1||output:T|T=29|sparse_value:sparse	value:tensor	value_float:float	value_floats:floats	value_int:int	value_ints:ints	value_string:string	value_strings:strings|
|Constant|24|0,0|1,1||output:T|T=30|sparse_value:sparse	value:tensor	value_float:float	value_floats:floats	value_int:int	value_ints:ints	value_string:string	value_strings:strings|
|Constant|25|0,0|1,1||output:T|T=31|sparse_value:sparse	value:tensor	value_float:float	value_floats:floats	value_int:int	value_ints:ints	value_string:string	value_strings:strings|
|ConstantOfShape|9|1,1|1,1|input:T1|output:T2|T1=6;T2=13|value:tensor|
|ConstantOfShape|20|1,1|1,1|input:T1|output:T2|T1=6;T2=32|value:tensor|
|ConstantOfShape|21|1,1|1,1|input:T1|output:T2|T1=6;T2=33|value:tensor|
|ConstantOfShape|23|1,1|1,1|input:T1|output:T2|T1=6;T2=34|value:tensor|
|ConstantOfShape|24|1,1|1,1|input:T1|output:T2|T1=6;T2=35|value:tensor|
|ConstantOfShape|25|1,1|1,1|input:T1|output:T2|T1=6;T2=36|value:tensor|
|Conv|1|2,3|1,1|X:T;W:T;B?:T|Y:T|T=0|auto_pad:string="NOTSET"	dilations:ints	group:int=1	kernel_shape:ints	pads:ints	strides:ints|
|Conv|11|2,3|1,1|X:T;W:T;B?:T|Y:T|T=0|auto_pad:string="NOTSET"	dilations:ints	group:int=1	kernel_shape:ints	pads:ints	strides:ints|
|Conv|22|2,3|1,1|X:T;W:T;B?:T|Y:T|T=3|auto_pad:string="NOTSET"	dilations:ints	group:int=1	kernel_shape:ints	pads:ints	strides:ints|
|ConvInteger|10|2,4|1,1|x:T1;w:T2;x_zero_point?:T1;w_zero_point?:T2|y:T3|T1=37;T2=37;T3=38|auto_pad:string="NOTSET"	dilations:ints	group:int=1	kernel_shape:ints	pads:ints	strides:ints|
|ConvTranspose|1|2,3|1,1|X:T;W:T;B?:T|Y:T|T=0|auto_pad:string="NOTSET"	dilations:ints	group:int=1	kernel_shape:ints	output_padding:ints	output_shape:ints	pads:ints	strides:ints|
|ConvTranspose|11|2,3|1,1|X:T;W:T;B?:T|Y:T|T=0|auto_pad:string="NOTSET"	dilations:ints	group:int=1	kernel_shape:ints	output_padding:ints	output_shape:ints	pads:ints	strides:ints|
|ConvTranspose|22|2,3|1,1|X:T;W:T;B?:T|Y:T|T=3|auto_pad:string="NOTSET"	dilations:ints	group:int=1	kernel_shape:ints	output_padding:ints	output_shape:ints	pads:ints	strides:ints|
|Cos|7|1,1|1,1|input:T|output:T|T=0||
|Cos|22|1,1|1,1|input:T|output:T|T=3||
|Cosh|9|1,1|1,1|input:T|output:T|T=0||
|Cosh|22|1,1|1,1|input:T|output:T|T=3||
|CumProd|26|2,2|1,1|x:T;axis:T2|y:T|T=5;T2=12|exclusive:int=0	reverse:int=0|
|CumSum|11|2,2|1,1|x:T;axis:T2|y:T|T=39;T2=12|exclusive:int=0	reverse:int=0|
|CumSum|14|2,2|1,1|x:T;axis:T2|y:T|T=5;T2=12|exclusive:int=0	reverse:int=0|
|DFT|17|1,2|1,1|input:T1;dft_length?:T2|output:T1|T1=3;T2=12|axis:int=1	inverse:int=0	onesided:int=0|
|DFT|20|1,3|1,1|input:T1;dft_length?:T2;axis?:=int64|output:T1|T1=3;T2=12|inverse:int=0	onesided:int=0|
|DeformConv|19|3,5|1,1|X:T;W:T;offset:T;B?:T;mask?:T|Y:T|T=0|dilations:ints	group:int=1	kernel_shape:ints	offset_group:int=1	pads:ints	strides:ints|
|DeformConv|22|3,5|1,1|X:T;W:T;offset:T;B?:T;mask?:T|Y:T|T=3|dilations:ints	group:int=1	kernel_shape:ints	offset_group:int=1	pads:ints	strides:ints|
|DepthToSpace|1|1,1|1,1|input:T|output:T|T=25|blocksize!:int|
|DepthToSpace|11|1,1|1,1|input:T|output:T|T=25|blocksize!:int	mode:string="DCR"|
|DepthToSpace|13|1,1|1,1|input:T|output:T|T=24|blocksize!:int	mode:string="DCR"|
|DepthToSpace|28|1,1|1,1|input:T|output:T|T=24|blocksize!:int	mode:string="DCR"|function
|DequantizeLinear|10|2,3|1,1|x:T;x_scale:=float32;x_zero_point?:T|y:=float32|T=40||
|DequantizeLinear|13|2,3|1,1|x:T;x_scale:=float32;x_zero_point?:T|y:=float32|T=40|axis:int=1|
|DequantizeLinear|19|2,3|1,1|x:T1;x_scale:T2;x_zero_point?:T1|y:T2|T1=41;T2=22|axis:int=1|
|DequantizeLinear|21|2,3|1,1|x:T1;x_scale:T2;x_zero_point?:T1|y:T2|T1=42;T2=22|axis:int=1	block_size:int=0|
|DequantizeLinear|23|2,3|1,1|x:T1;x_scale:T2;x_zero_point?:T1|y:T3|T1=43;T2=22;T3=22|axis:int=1	block_size:int=0	output_dtype:int=0|
|DequantizeLinear|24|2,3|1,1|x:T1;x_scale:T2;x_zero_point?:T1|y:T3|T1=43;T2=44;T3=22|axis:int=1	block_size:int=0	output_dtype:int=0|
|DequantizeLinear|25|2,3|1,1|x:T1;x_scale:T2;x_zero_point?:T1|y:T3|T1=45;T2=44;T3=22|axis:int=1	block_size:int=0	output_dtype:int=0|
|DequantizeLinear|28|2,3|1,1|x:T1;x_scale:T2;x_zero_point?:T1|y:T3|T1=46;T2=44;T3=22|axis:int=1	block_size:int=0	output_dtype:int=0|
|Det|11|1,1|1,1|X:T|Y:T|T=0||
|Det|22|1,1|1,1|X:T|Y:T|T=3||
|Div|1|2,2|1,1|A:T;B:T|C:T|T=0|axis:int	broadcast:int=0	consumed_inputs:ints|
|Div|6|2,2|1,1|A:T;B:T|C:T|T=4|axis:int	broadcast:int=0|
|Div|7|2,2|1,1|A:T;B:T|C:T|T=4||
|Div|13|2,2|1,1|A:T;B:T|C:T|T=5||
|Div|14|2,2|1,1|A:T;B:T|C:T|T=2||
|Dropout|1|1,1|1,2|data:T|output:T;mask?:T|T=0|consumed_inputs:ints	is_test:int=0	ratio:float=0.5|
|Dropout|6|1,1|1,2|data:T|output:T;mask?:T|T=0|is_test:int=0	ratio:float=0.5|
|Dropout|7|1,1|1,2|data:T|output:T;mask?:T|T=0|ratio:float=0.5|
|Dropout|10|1,1|1,2|data:T|output:T;mask?:T1|T=0;T1=7|ratio:float=0.5|
|Dropout|12|1,3|1,2|data:T;ratio?:T1;training_mode?:T2|output:T;mask?:T2|T=0;T1=0;T2=7|seed:int|
|Dropout|13|1,3|1,2|data:T;ratio?:T1;training_mode?:T2|output:T;mask?:T2|T=3;T1=0;T2=7|seed:int|
|Dropout|22|1,3|1,2|data:T;ratio?:T1;training_mode?:T2|output:T;mask?:T2|T=47;T1=47;T2=7|seed:int|
|DynamicQuantizeLinear|11|1,1|3,3|x:T1|y:T2;y_scale:=float32;y_zero_point:T2|T1=23;T2=48||function
|Einsum|12|1,*|1,1|Inputs*:T|Output:T|T=1|equation!:string|
|Einsum|28|1,*|1,1|Inputs*:T|Output:T|T=2|equation!:string|
|Elu|1|1,1|1,1|X:T|Y:T|T=0|alpha:float=1.0	consumed_inputs:ints|
|Elu|6|1,1|1,1|X:T|Y:T|T=0|alpha:float=1.0|function
|Elu|22|1,1|1,1|X:T|Y:T|T=3|alpha:float=1.0|function
|Equal|1|2,2|1,1|A:T;B:T|C:T1|T=49;T1=7|axis:int	broadcast:int=0|
|Equal|7|2,2|1,1|A:T;B:T|C:T1|T=49;T1=7||
|Equal|11|2,2|1,1|A:T;B:T|C:T1|T=13;T1=7||
|Equal|13|2,2|1,1|A:T;B:T|C:T1|T=8;T1=7||
|Equal|19|2,2|1,1|A:T;B:T|C:T1|T=15;T1=7||
|Erf|9|1,1|1,1|input:T|output:T|T=1||
|Erf|13|1,1|1,1|input:T|output:T|T=3||
|Exp|1|1,1|1,1|input:T|output:T|T=0|consumed_inputs:ints|
|Exp|6|1,1|1,1|input:T|output:T|T=0||
|Exp|13|1,1|1,1|input:T|output:T|T=3||
|Expand|8|2,2|1,1|input:T;shape:=int64|output:T|T=25||
|Expand|13|2,2|1,1|input:T;shape:=int64|output:T|T=24||
|EyeLike|9|1,1|1,1|input:T1|output:T2|T1=13;T2=13|dtype:int	k:int=0|
|EyeLike|22|1,1|1,1|input:T1|output:T2|T1=8;T2=8|dtype:int	k:int=0|
|Flatten|1|1,1|1,1|input:T|output:T|T=0|axis:int=1|
|Flatten|9|1,1|1,1|input:T|output:T|T=25|axis:int=1|
|Flatten|11|1,1|1,1|input:T|output:T|T=25|axis:int=1|
|Flatten|13|1,1|1,1|input:T|output:T|T=24|axis:int=1|
|Flatten|21|1,1|1,1|input:T|output:T|T=28|axis:int=1|
|Flatten|23|1,1|1,1|input:T|output:T|T=29|axis:int=1|
|Flatten|24|1,1|1,1|input:T|output:T|T=30|axis:int=1|
|Flatten|25|1,1|1,1|input:T|output:T|T=31|axis:int=1|
|Floor|1|1,1|1,1|X:T|Y:T|T=0|consumed_inputs:ints|
|Floor|6|1,1|1,1|X:T|Y:T|T=0||
|Floor|13|1,1|1,1|X:T|Y:T|T=3||
|GRU|1|3,6|2,2|X:T;W:T;R:T;B?:T;sequence_lens?:T1;initial_h?:T|Y?:T;Y_h:T|T=0;T1=38|activation_alpha:floats	activation_beta:floats	activations:strings	clip:float	direction:string="foward"	hidden_size:int	output_sequence:int=0|
|GRU|3|3,6|0,2|X:T;W:T;R:T;B?:T;sequence_lens?:T1;initial_h?:T|Y?:T;Y_h?:T|T=0;T1=38|activation_alpha:floats	activation_beta:floats	activations:strings	clip:float	direction:string="forward"	hidden_size:int	linear_before_reset:int=0	output_sequence:int=0|
|GRU|7|3,6|0,2|X:T;W:T;R:T;B?:T;sequence_lens?:T1;initial_h?:T|Y?:T;Y_h?:T|T=0;T1=38|activation_alpha:floats	activation_beta:floats	activations:strings	clip:float	direction:string="forward"	hidden_size:int	linear_before_reset:int=0|
|GRU|14|3,6|0,2|X:T;W:T;R:T;B?:T;sequence_lens?:T1;initial_h?:T|Y?:T;Y_h?:T|T=0;T1=38|activation_alpha:floats	activation_beta:floats	activations:strings	clip:float	direction:string="forward"	hidden_size:int	layout:int=0	linear_before_reset:int=0|
|GRU|22|3,6|0,2|X:T;W:T;R:T;B?:T;sequence_lens?:T1;initial_h?:T|Y?:T;Y_h?:T|T=3;T1=38|activation_alpha:floats	activation_beta:floats	activations:strings	clip:float	direction:string="forward"	hidden_size:int	layout:int=0	linear_before_reset:int=0|
|Gather|1|2,2|1,1|data:T;indices:Tind|output:T|T=25;Tind=12|axis:int=0|
|Gather|11|2,2|1,1|data:T;indices:Tind|output:T|T=25;Tind=12|axis:int=0|
|Gather|13|2,2|1,1|data:T;indices:Tind|output:T|T=24;Tind=12|axis:int=0|
|GatherElements|11|2,2|1,1|data:T;indices:Tind|output:T|T=25;Tind=12|axis:int=0|
|GatherElements|13|2,2|1,1|data:T;indices:Tind|output:T|T=24;Tind=12|axis:int=0|
|GatherND|11|2,2|1,1|data:T;indices:=int64|output:T|T=25||
|GatherND|12|2,2|1,1|data:T;indices:=int64|output:T|T=25|batch_dims:int=0|
|GatherND|13|2,2|1,1|data:T;indices:=int64|output:T|T=24|batch_dims:int=0|
|Gelu|20|1,1|1,1|X:T|Y:T|T=3|approximate:string="none"|function
|Gemm|1|3,3|1,1|A:T;B:T;C:T|Y:T|T=0|alpha:float=1.0	beta:float=1.0	broadcast:int=0	transA:int=0	transB:int=0|
|Gemm|6|3,3|1,1|A:T;B:T;C:T|Y:T|T=0|alpha:float=1.0	beta:float=1.0	broadcast:int=0	transA:int=0	transB:int=0|
|Gemm|7|3,3|1,1|A:T;B:T;C:T|Y:T|T=0|alpha:float=1.0	beta:float=1.0	transA:int=0	transB:int=0|
|Gemm|9|3,3|1,1|A:T;B:T;C:T|Y:T|T=4|alpha:float=1.0	beta:float=1.0	transA:int=0	transB:int=0|
|Gemm|11|2,3|1,1|A:T;B:T;C?:T|Y:T|T=4|alpha:float=1.0	beta:float=1.0	transA:int=0	transB:int=0|
|Gemm|13|2,3|1,1|A:T;B:T;C?:T|Y:T|T=5|alpha:float=1.0	beta:float=1.0	transA:int=0	transB:int=0|
|GlobalAveragePool|1|1,1|1,1|X:T|Y:T|T=0||
|GlobalAveragePool|22|1,1|1,1|X:T|Y:T|T=3||
|GlobalLpPool|1|1,1|1,1|X:T|Y:T|T=0|p:float=2.0|
|GlobalLpPool|2|1,1|1,1|X:T|Y:T|T=0|p:int=2|
|GlobalLpPool|22|1,1|1,1|X:T|Y:T|T=3|p:int=2|
|GlobalMaxPool|1|1,1|1,1|X:T|Y:T|T=0||
|GlobalMaxPool|22|1,1|1,1|X:T|Y:T|T=3||
|Greater|1|2,2|1,1|A:T;B:T|C:T1|T=0;T1=7|axis:int	broadcast:int=0|
|Greater|7|2,2|1,1|A:T;B:T|C:T1|T=0;T1=7||
|Greater|9|2,2|1,1|A:T;B:T|C:T1|T=1;T1=7||
|Greater|13|2,2|1,1|A:T;B:T|C:T1|T=2;T1=7||
|GreaterOrEqual|12|2,2|1,1|A:T;B:T|C:T1|T=1;T1=7||function
|GreaterOrEqual|16|2,2|1,1|A:T;B:T|C:T1|T=2;T1=7||function
|GridSample|16|2,2|1,1|X:T1;grid:T2|Y:T1|T1=25;T2=0|align_corners:int=0	mode:string="bilinear"	padding_mode:string="zeros"|
|GridSample|20|2,2|1,1|X:T1;grid:T2|Y:T1|T1=25;T2=0|align_corners:int=0	mode:string="linear"	padding_mode:string="zeros"|
|GridSample|22|2,2|1,1|X:T1;grid:T2|Y:T1|T1=24;T2=3|align_corners:int=0	mode:string="linear"	padding_mode:string="zeros"|
|GroupNormalization|18|3,3|1,1|X:T;scale:T;bias:T|Y:T|T=3|epsilon:float=9.9999997e-06	num_groups!:int|deprecatedfunction
|GroupNormalization|21|3,3|1,1|X:T;scale:T;bias:T|Y:T|T=3|epsilon:float=9.9999997e-06	num_groups!:int	stash_type:int=1|function
|HammingWindow|17|1,1|1,1|size:T1|output:T2|T1=12;T2=2|output_datatype:int=1	periodic:int=1|function
|HannWindow|17|1,1|1,1|size:T1|output:T2|T1=12;T2=2|output_datatype:int=1	periodic:int=1|function
|HardSigmoid|1|1,1|1,1|X:T|Y:T|T=0|alpha:float=0.2	beta:float=0.5	consumed_inputs:ints|
|HardSigmoid|6|1,1|1,1|X:T|Y:T|T=0|alpha:float=0.2	beta:float=0.5|function
|HardSigmoid|22|1,1|1,1|X:T|Y:T|T=3|alpha:float=0.2	beta:float=0.5|function
|HardSwish|14|1,1|1,1|X:T|Y:T|T=0||function
|HardSwish|22|1,1|1,1|X:T|Y:T|T=3||function
|Hardmax|1|1,1|1,1|input:T|output:T|T=0|axis:int=1|
|Hardmax|11|1,1|1,1|input:T|output:T|T=0|axis:int=1|
|Hardmax|13|1,1|1,1|input:T|output:T|T=3|axis:int=-1|
|Identity|1|1,1|1,1|input:T|output:T|T=25||
|Identity|13|1,1|1,1|input:T|output:T|T=24||
|Identity|14|1,1|1,1|input:V|output:V|V=50||
|Identity|16|1,1|1,1|input:V|output:V|V=51||
|Identity|19|1,1|1,1|input:V|output:V|V=52||
|Identity|21|1,1|1,1|input:V|output:V|V=53||
|Identity|23|1,1|1,1|input:V|output:V|V=54||
|Identity|24|1,1|1,1|input:V|output:V|V=55||
|Identity|25|1,1|1,1|input:V|output:V|V=56||
|If|1|1,1|1,*|cond:B|outputs+:V|V=25;B=7|else_branch!:graph	then_branch!:graph|
|If|11|1,1|1,*|cond:B|outputs+:V|V=25;B=7|else_branch!:graph	then_branch!:graph|
|If|13|1,1|1,*|cond:B|outputs+:V|V=57;B=7|else_branch!:graph	then_branch!:graph|
|If|16|1,1|1,*|cond:B|outputs+:V|V=58;B=7|else_branch!:graph	then_branch!:graph|
|If|19|1,1|1,*|cond:B|outputs+:V|V=59;B=7|else_branch!:graph	then_branch!:graph|
|If|21|1,1|1,*|cond:B|outputs+:V|V=60;B=7|else_branch!:graph	then_branch!:graph|
|If|23|1,1|1,*|cond:B|outputs+:V|V=61;B=7|else_branch!:graph	then_branch!:graph|
|If|24|1,1|1,*|cond:B|outputs+:V|V=62;B=7|else_branch!:graph	then_branch!:graph|
|If|25|1,1|1,*|cond:B|outputs+:V|V=63;B=7|else_branch!:graph	then_branch!:graph|
|ImageDecoder|20|1,1|1,1|encoded_stream:T1|image:T2|T1=48;T2=48|pixel_format:string="RGB"|
|InstanceNormalization|1|3,3|1,1|input:T;scale:T;B:T|output:T|T=0|consumed_inputs:ints	epsilon:float=9.9999997e-06|
|InstanceNormalization|6|3,3|1,1|input:T;scale:T;B:T|output:T|T=0|epsilon:float=9.9999997e-06|
|InstanceNormalization|22|3,3|1,1|input:T;scale:T;B:T|output:T|T=3|epsilon:float=9.9999997e-06|
|IsInf|10|1,1|1,1|X:T1|Y:T2|T1=64;T2=7|detect_negative:int=1	detect_positive:int=1|
|IsInf|20|1,1|1,1|X:T1|Y:T2|T1=47;T2=7|detect_negative:int=1	detect_positive:int=1|
|IsNaN|9|1,1|1,1|X:T1|Y:T2|T1=0;T2=7||
|IsNaN|13|1,1|1,1|X:T1|Y:T2|T1=3;T2=7||
|IsNaN|20|1,1|1,1|X:T1|Y:T2|T1=47;T2=7||
|LRN|1|1,1|1,1|X:T|Y:T|T=0|alpha:float=9.9999997e-05	beta:float=0.75	bias:float=1.0	size!:int|
|LRN|13|1,1|1,1|X:T|Y:T|T=3|alpha:float=9.9999997e-05	beta:float=0.75	bias:float=1.0	size!:int|
|LSTM|1|3,8|0,3|X:T;W:T;R:T;B?:T;sequence_lens?:T1;initial_h?:T;initial_c?:T;P?:T|Y?:T;Y_h?:T;Y_c?:T|T=0;T1=38|activation_alpha:floats	activation_beta:floats	activations:strings	clip:float	direction:string="forward"	hidden_size:int	input_forget:int=0	output_sequence:int=0|
|LSTM|7|3,8|0,3|X:T;W:T;R:T;B?:T;sequence_lens?:T1;initial_h?:T;initial_c?:T;P?:T|Y?:T;Y_h?:T;Y_c?:T|T=0;T1=38|activation_alpha:floats	activation_beta:floats	activations:strings	clip:float	direction:string="forward"	hidden_size:int	input_forget:int=0|
|LSTM|14|3,8|0,3|X:T;W:T;R:T;B?:T;sequence_lens?:T1;initial_h?:T;initial_c?:T;P?:T|Y?:T;Y_h?:T;Y_c?:T|T=0;T1=38|activation_alpha:floats	activation_beta:floats	activations:strings	clip:float	direction:string="forward"	hidden_size:int	input_forget:int=0	layout:int=0|
|LSTM|22|3,8|0,3|X:T;W:T;R:T;B?:T;sequence_lens?:T1;initial_h?:T;initial_c?:T;P?:T|Y?:T;Y_h?:T;Y_c?:T|T=3;T1=38|activation_alpha:floats	activation_beta:floats	activations:strings	clip:float	direction:string="forward"	hidden_size:int	input_forget:int=0	layout:int=0|
|LayerNormalization|17|2,3|1,3|X:T;Scale:T;B?:T|Y:T;Mean?:U;InvStdDev?:U|T=3;U=65|axis:int=-1	epsilon:float=9.9999997e-06	stash_type:int=1|function
|LeakyRelu|1|1,1|1,1|X:T|Y:T|T=0|alpha:float=0.0099999998	consumed_inputs:ints|
|LeakyRelu|6|1,1|1,1|X:T|Y:T|T=0|alpha:float=0.0099999998|
|LeakyRelu|16|1,1|1,1|X:T|Y:T|T=3|alpha:float=0.0099999998|function
|Less|1|2,2|1,1|A:T;B:T|C:T1|T=0;T1=7|axis:int	broadcast:int=0|
|Less|7|2,2|1,1|A:T;B:T|C:T1|T=0;T1=7||
|Less|9|2,2|1,1|A:T;B:T|C:T1|T=1;T1=7||
|Less|13|2,2|1,1|A:T;B:T|C:T1|T=2;T1=7||
|LessOrEqual|12|2,2|1,1|A:T;B:T|C:T1|T=1;T1=7||function
|LessOrEqual|16|2,2|1,1|A:T;B:T|C:T1|T=2;T1=7||function
|LinearAttention|27|3,6|2,2|query:T;key:T;value:T;past_state?:S;decay?:T;beta?:T|output:T;present_state:S|T=22;S=22|chunk_size:int=64	kv_num_heads!:int	q_num_heads!:int	scale:float=0.0	update_rule:string="gated_delta"|function
|Log|1|1,1|1,1|input:T|output:T|T=0|consumed_inputs:ints|
|Log|6|1,1|1,1|input:T|output:T|T=0||
|Log|13|1,1|1,1|input:T|output:T|T=3||
|LogSoftmax|1|1,1|1,1|input:T|output:T|T=0|axis:int=1|
|LogSoftmax|11|1,1|1,1|input:T|output:T|T=0|axis:int=1|
|LogSoftmax|13|1,1|1,1|input:T|output:T|T=3|axis:int=-1|function
|Loop|1|3,*|1,*|M?:I;cond?:B;v_initial+:V|v_final_and_scan_outputs+:V|V=25;I=6;B=7|body!:graph|
|Loop|11|2,*|1,*|M?:I;cond?:B;v_initial+:V|v_final_and_scan_outputs+:V|V=25;I=6;B=7|body!:graph|
|Loop|13|2,*|1,*|M?:I;cond?:B;v_initial+:V|v_final_and_scan_outputs+:V|V=57;I=6;B=7|body!:graph|
|Loop|16|2,*|1,*|M?:I;cond?:B;v_initial+:V|v_final_and_scan_outputs+:V|V=58;I=6;B=7|body!:graph|
|Loop|19|2,*|1,*|M?:I;cond?:B;v_initial+:V|v_final_and_scan_outputs+:V|V=59;I=6;B=7|body!:graph|
|Loop|21|2,*|1,*|M?:I;cond?:B;v_initial+:V|v_final_and_scan_outputs+:V|V=60;I=6;B=7|body!:graph|
|Loop|23|2,*|1,*|M?:I;cond?:B;v_initial+:V|v_final_and_scan_outputs+:V|V=61;I=6;B=7|body!:graph|
|Loop|24|2,*|1,*|M?:I;cond?:B;v_initial+:V|v_final_and_scan_outputs+:V|V=62;I=6;B=7|body!:graph|
|Loop|25|2,*|1,*|M?:I;cond?:B;v_initial+:V|v_final_and_scan_outputs+:V|V=63;I=6;B=7|body!:graph|
|LpNormalization|1|1,1|1,1|input:T|output:T|T=0|axis:int=-1	p:int=2|
|LpNormalization|22|1,1|1,1|input:T|output:T|T=3|axis:int=-1	p:int=2|
|LpPool|1|1,1|1,1|X:T|Y:T|T=0|auto_pad:string="NOTSET"	kernel_shape:ints	p:float=2.0	pads:ints	strides:ints|
|LpPool|2|1,1|1,1|X:T|Y:T|T=0|auto_pad:string="NOTSET"	kernel_shape!:ints	p:int=2	pads:ints	strides:ints|
|LpPool|11|1,1|1,1|X:T|Y:T|T=0|auto_pad:string="NOTSET"	kernel_shape!:ints	p:int=2	pads:ints	strides:ints|
|LpPool|18|1,1|1,1|X:T|Y:T|T=0|auto_pad:string="NOTSET"	ceil_mode:int=0	dilations:ints	kernel_shape!:ints	p:int=2	pads:ints	strides:ints|
|LpPool|22|1,1|1,1|X:T|Y:T|T=3|auto_pad:string="NOTSET"	ceil_mode:int=0	dilations:ints	kernel_shape!:ints	p:int=2	pads:ints	strides:ints|
|MatMul|1|2,2|1,1|A:T;B:T|Y:T|T=0||
|MatMul|9|2,2|1,1|A:T;B:T|Y:T|T=4||
|MatMul|13|2,2|1,1|A:T;B:T|Y:T|T=5||
|MatMulInteger|10|2,4|1,1|A:T1;B:T2;a_zero_point?:T1;b_zero_point?:T2|Y:T3|T1=37;T2=37;T3=38||
|Max|1|1,*|1,1|data_0*:T|max:T|T=0|consumed_inputs:ints|
|Max|6|1,*|1,1|data_0*:T|max:T|T=0||
|Max|8|1,*|1,1|data_0*:T|max:T|T=0||
|Max|12|1,*|1,1|data_0*:T|max:T|T=1||
|Max|13|1,*|1,1|data_0*:T|max:T|T=2||
|MaxPool|1|1,1|1,1|X:T|Y:T|T=0|auto_pad:string="NOTSET"	kernel_shape!:ints	pads:ints	strides:ints|
|MaxPool|8|1,1|1,2|X:T|Y:T;Indices?:I|T=0;I=6|auto_pad:string="NOTSET"	kernel_shape!:ints	pads:ints	storage_order:int=0	strides:ints|
|MaxPool|10|1,1|1,2|X:T|Y:T;Indices?:I|T=0;I=6|auto_pad:string="NOTSET"	ceil_mode:int=0	dilations:ints	kernel_shape!:ints	pads:ints	storage_order:int=0	strides:ints|
|MaxPool|11|1,1|1,2|X:T|Y:T;Indices?:I|T=0;I=6|auto_pad:string="NOTSET"	ceil_mode:int=0	dilations:ints	kernel_shape!:ints	pads:ints	storage_order:int=0	strides:ints|
|MaxPool|12|1,1|1,2|X:T|Y:T;Indices?:I|T=66;I=6|auto_pad:string="NOTSET"	ceil_mode:int=0	dilations:ints	kernel_shape!:ints	pads:ints	storage_order:int=0	strides:ints|
|MaxPool|22|1,1|1,2|X:T|Y:T;Indices?:I|T=67;I=6|auto_pad:string="NOTSET"	ceil_mode:int=0	dilations:ints	kernel_shape!:ints	pads:ints	storage_order:int=0	strides:ints|
|MaxRoiPool|1|2,2|1,1|X:T;rois:T|Y:T|T=0|pooled_shape!:ints	spatial_scale:float=1.0|
|MaxRoiPool|22|2,2|1,1|X:T;rois:T|Y:T|T=3|pooled_shape!:ints	spatial_scale:float=1.0|
|MaxUnpool|9|2,3|1,1|X:T1;I:T2;output_shape?:T2|output:T1|T1=0;T2=6|kernel_shape!:ints	pads:ints	strides:ints|
|MaxUnpool|11|2,3|1,1|X:T1;I:T2;output_shape?:T2|output:T1|T1=0;T2=6|kernel_shape!:ints	pads:ints	strides:ints|
|MaxUnpool|22|2,3|1,1|X:T1;I:T2;output_shape?:T2|output:T1|T1=3;T2=6|kernel_shape!:ints	pads:ints	strides:ints|
|Mean|1|1,*|1,1|data_0*:T|mean:T|T=0|consumed_inputs:ints|
|Mean|6|1,*|1,1|data_0*:T|mean:T|T=0||
|Mean|8|1,*|1,1|data_0*:T|mean:T|T=0||
|Mean|13|1,*|1,1|data_0*:T|mean:T|T=3||
|MeanVarianceNormalization|9|1,1|1,1|X:T|Y:T|T=0|axes:ints=[0, 2, 3]|function
|MeanVarianceNormalization|13|1,1|1,1|X:T|Y:T|T=3|axes:ints=[0, 2, 3]|function
|MelWeightMatrix|17|5,5|1,1|num_mel_bins:T1;dft_length:T1;sample_rate:T1;lower_edge_hertz:T2;upper_edge_hertz:T2|output:T3|T1=12;T2=3;T3=2|output_datatype:int=1|
|Min|1|1,*|1,1|data_0*:T|min:T|T=0|consumed_inputs:ints|
|Min|6|1,*|1,1|data_0*:T|min:T|T=0||
|Min|8|1,*|1,1|data_0*:T|min:T|T=0||
|Min|12|1,*|1,1|data_0*:T|min:T|T=1||
|Min|13|1,*|1,1|data_0*:T|min:T|T=2||
|Mish|18|1,1|1,1|X:T|Y:T|T=0||function
|Mish|22|1,1|1,1|X:T|Y:T|T=3||function
|Mod|10|2,2|1,1|A:T;B:T|C:T|T=1|fmod:int=0|
|Mod|13|2,2|1,1|A:T;B:T|C:T|T=2|fmod:int=0|
|Mod|28|2,2|1,1|A:T;B:T|C:T|T=2|fmod:int=0|
|Mul|1|2,2|1,1|A:T;B:T|C:T|T=0|axis:int	broadcast:int=0	consumed_inputs:ints|
|Mul|6|2,2|1,1|A:T;B:T|C:T|T=4|axis:int	broadcast:int=0|
|Mul|7|2,2|1,1|A:T;B:T|C:T|T=4||
|Mul|13|2,2|1,1|A:T;B:T|C:T|T=5||
|Mul|14|2,2|1,1|A:T;B:T|C:T|T=2||
|Multinomial|7|1,1|1,1|input:T1|output:T2|T1=0;T2=12|dtype:int=6	sample_size:int=1	seed:float|
|Multinomial|22|1,1|1,1|input:T1|output:T2|T1=3;T2=12|dtype:int=6	sample_size:int=1	seed:float|
|Neg|1|1,1|1,1|X:T|Y:T|T=0|consumed_inputs:ints|
|Neg|6|1,1|1,1|X:T|Y:T|T=68||
|Neg|13|1,1|1,1|X:T|Y:T|T=69||
|NegativeLogLikelihoodLoss|12|2,3|1,1|input:T;target:Tind;weight?:T|loss:T|T=0;Tind=12|ignore_index:int	reduction:string="mean"|function
|NegativeLogLikelihoodLoss|13|2,3|1,1|input:T;target:Tind;weight?:T|loss:T|T=0;Tind=12|ignore_index:int	reduction:string="mean"|function
|NegativeLogLikelihoodLoss|22|2,3|1,1|input:T;target:Tind;weight?:T|loss:T|T=3;Tind=12|ignore_index:int	reduction:string="mean"|function
|NonMaxSuppression|10|2,5|1,1|boxes:=float32;scores:=float32;max_output_boxes_per_class?:=int64;iou_threshold?:=float32;score_threshold?:=float32|selected_indices:=int64||center_point_box:int=0|
|NonMaxSuppression|11|2,5|1,1|boxes:=float32;scores:=float32;max_output_boxes_per_class?:=int64;iou_threshold?:=float32;score_threshold?:=float32|selected_indices:=int64||center_point_box:int=0|
|NonZero|9|1,1|1,1|X:T|Y:=int64|T=25||
|NonZero|13|1,1|1,1|X:T|Y:=int64|T=24||
|Not|1|1,1|1,1|X:T|Y:T|T=7||
|OneHot|9|3,3|1,1|indices:T1;depth:T2;values:T3|output:T3|T1=1;T2=1;T3=25|axis:int=-1|
|OneHot|11|3,3|1,1|indices:T1;depth:T2;values:T3|output:T3|T1=1;T2=1;T3=25|axis:int=-1|
|OneHot|28|3,3|1,1|indices:T1;depth:T2;values:T3|output:T3|T1=1;T2=1;T3=24|axis:int=-1|
|Optional|15|0,1|1,1|input?:V|output:O|V=57;O=70|type:type|
|Optional|28|0,1|1,1|input?:V|output:O|V=71;O=72|type:type|
|OptionalGetElement|15|1,1|1,1|input:O|output:V|O=70;V=57||
|OptionalGetElement|18|1,1|1,1|input:O|output:V|O=73;V=57||
|OptionalGetElement|28|1,1|1,1|input:O|output:V|O=74;V=71||
|OptionalHasElement|15|1,1|1,1|input:O|output:B|O=70;B=7||
|OptionalHasElement|18|0,1|1,1|input?:O|output:B|O=73;B=7||
|OptionalHasElement|28|0,1|1,1|input?:O|output:B|O=74;B=7||
|Or|1|2,2|1,1|A:T;B:T|C:T1|T=7;T1=7|axis:int	broadcast:int=0|
|Or|7|2,2|1,1|A:T;B:T|C:T1|T=7;T1=7||
|PRelu|1|2,2|1,1|X:T;slope:T|Y:T|T=0|consumed_inputs:ints|
|PRelu|6|2,2|1,1|X:T;slope:T|Y:T|T=0||
|PRelu|7|2,2|1,1|X:T;slope:T|Y:T|T=0||
|PRelu|9|2,2|1,1|X:T;slope:T|Y:T|T=4||
|PRelu|16|2,2|1,1|X:T;slope:T|Y:T|T=5||function
|Pad|1|1,1|1,1|data:T|output:T|T=0|mode:string="constant"	paddings!:ints	value:float=0.0|
|Pad|2|1,1|1,1|data:T|output:T|T=0|mode:string="constant"	pads!:ints	value:float=0.0|
|Pad|11|2,3|1,1|data:T;pads:=int64;constant_value?:T|output:T|T=1|mode:string="constant"|
|Pad|13|2,3|1,1|data:T;pads:=int64;constant_value?:T|output:T|T=24|mode:string="constant"|
|Pad|18|2,4|1,1|data:T;pads:=int64;constant_value?:T;axes?:Tind|output:T|T=24;Tind=12|mode:string="constant"|
|Pad|19|2,4|1,1|data:T;pads:=int64;constant_value?:T;axes?:Tind|output:T|T=24;Tind=12|mode:string="constant"|
|Pad|21|2,4|1,1|data:T;pads:=int64;constant_value?:T;axes?:Tind|output:T|T=28;Tind=12|mode:string="constant"|
|Pad|23|2,4|1,1|data:T;pads:=int64;constant_value?:T;axes?:Tind|output:T|T=29;Tind=12|mode:string="constant"|
|Pad|24|2,4|1,1|data:T;pads:=int64;constant_value?:T;axes?:Tind|output:T|T=30;Tind=12|mode:string="constant"|
|Pad|25|2,4|1,1|data:T;pads:=int64;constant_value?:T;axes?:Tind|output:T|T=31;Tind=12|mode:string="constant"|
|Pow|1|2,2|1,1|X:T;Y:T|Z:T|T=0|axis:int	broadcast:int=0|
|Pow|7|2,2|1,1|X:T;Y:T|Z:T|T=0||
|Pow|12|2,2|1,1|X:T;Y:T1|Z:T|T=75;T1=1||
|Pow|13|2,2|1,1|X:T;Y:T1|Z:T|T=76;T1=1||
|Pow|15|2,2|1,1|X:T;Y:T1|Z:T|T=76;T1=2||
|QLinearConv|10|8,9|1,1|x:T1;x_scale:=float32;x_zero_point:T1;w:T2;w_scale:=float32;w_zero_point:T2;y_scale:=float32;y_zero_point:T3;B?:T4|y:T3|T1=37;T2=37;T3=37;T4=38|auto_pad:string="NOTSET"	dilations:ints	group:int=1	kernel_shape:ints	pads:ints	strides:ints|
|QLinearMatMul|10|8,8|1,1|a:T1;a_scale:=float32;a_zero_point:T1;b:T2;b_scale:=float32;b_zero_point:T2;y_scale:=float32;y_zero_point:T3|y:T3|T1=37;T2=37;T3=37||
|QLinearMatMul|21|8,8|1,1|a:T1;a_scale:TS;a_zero_point:T1;b:T2;b_scale:TS;b_zero_point:T2;y_scale:TS;y_zero_point:T3|y:T3|TS=22;T1=77;T2=77;T3=77||
|QuantizeLinear|10|2,3|1,1|x:T1;y_scale:=float32;y_zero_point?:T2|y:T2|T1=78;T2=37||
|QuantizeLinear|13|2,3|1,1|x:T1;y_scale:=float32;y_zero_point?:T2|y:T2|T1=78;T2=37|axis:int=1|
|QuantizeLinear|19|2,3|1,1|x:T1;y_scale:T1;y_zero_point?:T2|y:T2|T1=79;T2=77|axis:int=1	saturate:int=1|
|QuantizeLinear|21|2,3|1,1|x:T1;y_scale:T1;y_zero_point?:T2|y:T2|T1=79;T2=80|axis:int=1	block_size:int=0	output_dtype:int=0	saturate:int=1|
|QuantizeLinear|23|2,3|1,1|x:T1;y_scale:T2;y_zero_point?:T3|y:T3|T1=79;T2=79;T3=81|axis:int=1	block_size:int=0	output_dtype:int=0	precision:int=0	saturate:int=1|
|QuantizeLinear|24|2,3|1,1|x:T1;y_scale:T2;y_zero_point?:T3|y:T3|T1=79;T2=82;T3=81|axis:int=1	block_size:int=0	output_dtype:int=0	precision:int=0	saturate:int=1|
|QuantizeLinear|25|2,3|1,1|x:T1;y_scale:T2;y_zero_point?:T3|y:T3|T1=79;T2=82;T3=83|axis:int=1	block_size:int=0	output_dtype:int=0	precision:int=0	saturate:int=1|
|QuantizeLinear|28|2,3|1,1|x:T1;y_scale:T2;y_zero_point?:T3|y:T3|T1=79;T2=82;T3=84|axis:int=1	block_size:int=0	output_dtype:int=0	precision:int=0	saturate:int=1|
|RMSNormalization|23|2,2|1,1|X:T;scale:V|Y:V|T=3;V=3|axis:int=-1	epsilon:float=9.9999997e-06	stash_type:int=1|function
|RNN|1|3,6|0,2|X:T;W:T;R:T;B?:T;sequence_lens?:T1;initial_h?:T|Y?:T;Y_h?:T|T=0;T1=38|activation_alpha:floats	activation_beta:floats	activations:strings=["Tanh", "Tanh"]	clip:float	direction:string="forward"	hidden_size:int	output_sequence:int=0|
|RNN|7|3,6|0,2|X:T;W:T;R:T;B?:T;sequence_lens?:T1;initial_h?:T|Y?:T;Y_h?:T|T=0;T1=38|activation_alpha:floats	activation_beta:floats	activations:strings=["Tanh", "Tanh"]	clip:float	direction:string="forward"	hidden_size:int|
|RNN|14|3,6|0,2|X:T;W:T;R:T;B?:T;sequence_lens?:T1;initial_h?:T|Y?:T;Y_h?:T|T=0;T1=38|activation_alpha:floats	activation_beta:floats	activations:strings=["Tanh", "Tanh"]	clip:float	direction:string="forward"	hidden_size:int	layout:int=0|
|RNN|22|3,6|0,2|X:T;W:T;R:T;B?:T;sequence_lens?:T1;initial_h?:T|Y?:T;Y_h?:T|T=3;T1=38|activation_alpha:floats	activation_beta:floats	activations:strings=["Tanh", "Tanh"]	clip:float	direction:string="forward"	hidden_size:int	layout:int=0|
|RandomNormal|1|0,0|1,1||output:T|T=0|dtype:int=1	mean:float=0.0	scale:float=1.0	seed:float	shape!:ints|
|RandomNormal|22|0,0|1,1||output:T|T=3|dtype:int=1	mean:float=0.0	scale:float=1.0	seed:float	shape!:ints|
|RandomNormalLike|1|1,1|1,1|input:T1|output:T2|T1=25;T2=0|dtype:int	mean:float=0.0	scale:float=1.0	seed:float|
|RandomNormalLike|22|1,1|1,1|input:T1|output:T2|T1=24;T2=3|dtype:int	mean:float=0.0	scale:float=1.0	seed:float|
|RandomUniform|1|0,0|1,1||output:T|T=0|dtype:int=1	high:float=1.0	low:float=0.0	seed:float	shape!:ints|
|RandomUniform|22|0,0|1,1||output:T|T=3|dtype:int=1	high:float=1.0	low:float=0.0	seed:float	shape!:ints|
|RandomUniformLike|1|1,1|1,1|input:T1|output:T2|T1=25;T2=0|dtype:int	high:float=1.0	low:float=0.0	seed:float|
|RandomUniformLike|22|1,1|1,1|input:T1|output:T2|T1=24;T2=3|dtype:int	high:float=1.0	low:float=0.0	seed:float|
|Range|11|3,3|1,1|start:T;limit:T;delta:T|output:T|T=85||function
|Range|27|3,3|1,1|start:T;limit:T;delta:T|output:T|T=86|stash_type:int=1|function
|Reciprocal|1|1,1|1,1|X:T|Y:T|T=0|consumed_inputs:ints|
|Reciprocal|6|1,1|1,1|X:T|Y:T|T=0||
|Reciprocal|13|1,1|1,1|X:T|Y:T|T=3||
|ReduceL1|1|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceL1|11|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceL1|13|1,1|1,1|data:T|reduced:T|T=5|axes:ints	keepdims:int=1|
|ReduceL1|18|1,2|1,1|data:T;axes?:=int64|reduced:T|T=5|keepdims:int=1	noop_with_empty_axes:int=0|function
|ReduceL2|1|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceL2|11|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceL2|13|1,1|1,1|data:T|reduced:T|T=5|axes:ints	keepdims:int=1|
|ReduceL2|18|1,2|1,1|data:T;axes?:=int64|reduced:T|T=5|keepdims:int=1	noop_with_empty_axes:int=0|function
|ReduceLogSum|1|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceLogSum|11|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceLogSum|13|1,1|1,1|data:T|reduced:T|T=5|axes:ints	keepdims:int=1|
|ReduceLogSum|18|1,2|1,1|data:T;axes?:=int64|reduced:T|T=5|keepdims:int=1	noop_with_empty_axes:int=0|function
|ReduceLogSum|28|1,2|1,1|data:T;axes?:=int64|reduced:T|T=3|keepdims:int=1	noop_with_empty_axes:int=0|function
|ReduceLogSumExp|1|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceLogSumExp|11|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceLogSumExp|13|1,1|1,1|data:T|reduced:T|T=5|axes:ints	keepdims:int=1|
|ReduceLogSumExp|18|1,2|1,1|data:T;axes?:=int64|reduced:T|T=5|keepdims:int=1	noop_with_empty_axes:int=0|function
|ReduceLogSumExp|28|1,2|1,1|data:T;axes?:=int64|reduced:T|T=3|keepdims:int=1	noop_with_empty_axes:int=0|function
|ReduceMax|1|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceMax|11|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceMax|12|1,1|1,1|data:T|reduced:T|T=87|axes:ints	keepdims:int=1|
|ReduceMax|13|1,1|1,1|data:T|reduced:T|T=88|axes:ints	keepdims:int=1|
|ReduceMax|18|1,2|1,1|data:T;axes?:=int64|reduced:T|T=88|keepdims:int=1	noop_with_empty_axes:int=0|
|ReduceMax|20|1,2|1,1|data:T;axes?:=int64|reduced:T|T=89|keepdims:int=1	noop_with_empty_axes:int=0|
|ReduceMean|1|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceMean|11|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceMean|13|1,1|1,1|data:T|reduced:T|T=5|axes:ints	keepdims:int=1|
|ReduceMean|18|1,2|1,1|data:T;axes?:=int64|reduced:T|T=5|keepdims:int=1	noop_with_empty_axes:int=0|
|ReduceMin|1|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceMin|11|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceMin|12|1,1|1,1|data:T|reduced:T|T=87|axes:ints	keepdims:int=1|
|ReduceMin|13|1,1|1,1|data:T|reduced:T|T=88|axes:ints	keepdims:int=1|
|ReduceMin|18|1,2|1,1|data:T;axes?:=int64|reduced:T|T=88|keepdims:int=1	noop_with_empty_axes:int=0|
|ReduceMin|20|1,2|1,1|data:T;axes?:=int64|reduced:T|T=89|keepdims:int=1	noop_with_empty_axes:int=0|
|ReduceProd|1|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceProd|11|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceProd|13|1,1|1,1|data:T|reduced:T|T=5|axes:ints	keepdims:int=1|
|ReduceProd|18|1,2|1,1|data:T;axes?:=int64|reduced:T|T=5|keepdims:int=1	noop_with_empty_axes:int=0|
|ReduceSum|1|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceSum|11|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceSum|13|1,2|1,1|data:T;axes?:=int64|reduced:T|T=5|keepdims:int=1	noop_with_empty_axes:int=0|
|ReduceSumSquare|1|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceSumSquare|11|1,1|1,1|data:T|reduced:T|T=4|axes:ints	keepdims:int=1|
|ReduceSumSquare|13|1,1|1,1|data:T|reduced:T|T=5|axes:ints	keepdims:int=1|
|ReduceSumSquare|18|1,2|1,1|data:T;axes?:=int64|reduced:T|T=5|keepdims:int=1	noop_with_empty_axes:int=0|function
|RegexFullMatch|20|1,1|1,1|X:T1|Y:T2|T1=90;T2=7|pattern:string|
|Relu|1|1,1|1,1|X:T|Y:T|T=0|consumed_inputs:ints|
|Relu|6|1,1|1,1|X:T|Y:T|T=0||
|Relu|13|1,1|1,1|X:T|Y:T|T=3||
|Relu|14|1,1|1,1|X:T|Y:T|T=69||function
|Reshape|1|1,1|1,1|data:T|reshaped:T|T=0|consumed_inputs:ints	shape:ints|
|Reshape|5|2,2|1,1|data:T;shape:=int64|reshaped:T|T=25||
|Reshape|13|2,2|1,1|data:T;shape:=int64|reshaped:T|T=24||
|Reshape|14|2,2|1,1|data:T;shape:=int64|reshaped:T|T=24|allowzero:int=0|
|Reshape|19|2,2|1,1|data:T;shape:=int64|reshaped:T|T=27|allowzero:int=0|
|Reshape|21|2,2|1,1|data:T;shape:=int64|reshaped:T|T=28|allowzero:int=0|
|Reshape|23|2,2|1,1|data:T;shape:=int64|reshaped:T|T=29|allowzero:int=0|
|Reshape|24|2,2|1,1|data:T;shape:=int64|reshaped:T|T=30|allowzero:int=0|
|Reshape|25|2,2|1,1|data:T;shape:=int64|reshaped:T|T=31|allowzero:int=0|
|Resize|10|2,2|1,1|X:T;scales:=float32|Y:T|T=25|mode:string="nearest"|
|Resize|11|3,4|1,1|X:T1;roi:T2;scales:=float32;sizes?:=int64|Y:T1|T1=25;T2=0|coordinate_transformation_mode:string="half_pixel"	cubic_coeff_a:float=-0.75	exclude_outside:int=0	extrapolation_value:float=0.0	mode:string="nearest"	nearest_mode:string="round_prefer_floor"|
|Resize|13|1,4|1,1|X:T1;roi?:T2;scales?:=float32;sizes?:=int64|Y:T1|T1=24;T2=0|coordinate_transformation_mode:string="half_pixel"	cubic_coeff_a:float=-0.75	exclude_outside:int=0	extrapolation_value:float=0.0	mode:string="nearest"	nearest_mode:string="round_prefer_floor"|
|Resize|18|1,4|1,1|X:T1;roi?:T2;scales?:=float32;sizes?:=int64|Y:T1|T1=24;T2=0|antialias:int=0	axes:ints	coordinate_transformation_mode:string="half_pixel"	cubic_coeff_a:float=-0.75	exclude_outside:int=0	extrapolation_value:float=0.0	keep_aspect_ratio_policy:string="stretch"	mode:string="nearest"	nearest_mode:string="round_prefer_floor"|
|Resize|19|1,4|1,1|X:T1;roi?:T2;scales?:=float32;sizes?:=int64|Y:T1|T1=24;T2=0|antialias:int=0	axes:ints	coordinate_transformation_mode:string="half_pixel"	cubic_coeff_a:float=-0.75	exclude_outside:int=0	extrapolation_value:float=0.0	keep_aspect_ratio_policy:string="stretch"	mode:string="nearest"	nearest_mode:string="round_prefer_floor"|
|ReverseSequence|10|2,2|1,1|input:T;sequence_lens:=int64|Y:T|T=25|batch_axis:int=1	time_axis:int=0|
|ReverseSequence|28|2,2|1,1|input:T;sequence_lens:=int64|Y:T|T=24|batch_axis:int=1	time_axis:int=0|
|RoiAlign|10|3,3|1,1|X:T1;rois:T1;batch_indices:T2|Y:T1|T1=0;T2=6|mode:string="avg"	output_height:int=1	output_width:int=1	sampling_ratio:int=0	spatial_scale:float=1.0|
|RoiAlign|16|3,3|1,1|X:T1;rois:T1;batch_indices:T2|Y:T1|T1=0;T2=6|coordinate_transformation_mode:string="half_pixel"	mode:string="avg"	output_height:int=1	output_width:int=1	sampling_ratio:int=0	spatial_scale:float=1.0|
|RoiAlign|22|3,3|1,1|X:T1;rois:T1;batch_indices:T2|Y:T1|T1=3;T2=6|coordinate_transformation_mode:string="half_pixel"	mode:string="avg"	output_height:int=1	output_width:int=1	sampling_ratio:int=0	spatial_scale:float=1.0|
|RotaryEmbedding|23|3,4|1,1|X:T;cos_cache:T;sin_cache:T;position_ids?:M|Y:T|T=22;M=6|interleaved:int=0	num_heads:int	rotary_embedding_dim:int=0|function
|Round|11|1,1|1,1|X:T|Y:T|T=0||
|Round|22|1,1|1,1|X:T|Y:T|T=3||
|STFT|17|2,4|1,1|signal:T1;frame_step:T2;window?:T1;frame_length?:T2|output:T1|T1=3;T2=12|onesided:int=1|
|Scan|8|2,*|1,*|sequence_lens?:I;initial_state_and_scan_inputs+:V|final_state_and_scan_outputs+:V|I=6;V=25|body!:graph	directions:ints	num_scan_inputs!:int|
|Scan|9|1,*|1,*|initial_state_and_scan_inputs+:V|final_state_and_scan_outputs+:V|V=25|body!:graph	num_scan_inputs!:int	scan_input_axes:ints	scan_input_directions:ints	scan_output_axes:ints	scan_output_directions:ints|
|Scan|11|1,*|1,*|initial_state_and_scan_inputs+:V|final_state_and_scan_outputs+:V|V=25|body!:graph	num_scan_inputs!:int	scan_input_axes:ints	scan_input_directions:ints	scan_output_axes:ints	scan_output_directions:ints|
|Scan|16|1,*|1,*|initial_state_and_scan_inputs+:V|final_state_and_scan_outputs+:V|V=24|body!:graph	num_scan_inputs!:int	scan_input_axes:ints	scan_input_directions:ints	scan_output_axes:ints	scan_output_directions:ints|
|Scan|19|1,*|1,*|initial_state_and_scan_inputs+:V|final_state_and_scan_outputs+:V|V=27|body!:graph	num_scan_inputs!:int	scan_input_axes:ints	scan_input_directions:ints	scan_output_axes:ints	scan_output_directions:ints|
|Scan|21|1,*|1,*|initial_state_and_scan_inputs+:V|final_state_and_scan_outputs+:V|V=28|body!:graph	num_scan_inputs!:int	scan_input_axes:ints	scan_input_directions:ints	scan_output_axes:ints	scan_output_directions:ints|
|Scan|23|1,*|1,*|initial_state_and_scan_inputs+:V|final_state_and_scan_outputs+:V|V=29|body!:graph	num_scan_inputs!:int	scan_input_axes:ints	scan_input_directions:ints	scan_output_axes:ints	scan_output_directions:ints|
|Scan|24|1,*|1,*|initial_state_and_scan_inputs+:V|final_state_and_scan_outputs+:V|V=30|body!:graph	num_scan_inputs!:int	scan_input_axes:ints	scan_input_directions:ints	scan_output_axes:ints	scan_output_directions:ints|
|Scan|25|1,*|1,*|initial_state_and_scan_inputs+:V|final_state_and_scan_outputs+:V|V=31|body!:graph	num_scan_inputs!:int	scan_input_axes:ints	scan_input_directions:ints	scan_output_axes:ints	scan_output_directions:ints|
|Scatter|9|3,3|1,1|data:T;indices:Tind;updates:T|output:T|T=25;Tind=12|axis:int=0|
|Scatter|11|3,3|1,1|data:T;indices:Tind;updates:T|output:T|T=25;Tind=12|axis:int=0|deprecated
|ScatterElements|11|3,3|1,1|data:T;indices:Tind;updates:T|output:T|T=25;Tind=12|axis:int=0|
|ScatterElements|13|3,3|1,1|data:T;indices:Tind;updates:T|output:T|T=24;Tind=12|axis:int=0|
|ScatterElements|16|3,3|1,1|data:T;indices:Tind;updates:T|output:T|T=24;Tind=12|axis:int=0	reduction:string="none"|
|ScatterElements|18|3,3|1,1|data:T;indices:Tind;updates:T|output:T|T=24;Tind=12|axis:int=0	reduction:string="none"|
|ScatterND|11|3,3|1,1|data:T;indices:=int64;updates:T|output:T|T=25||
|ScatterND|13|3,3|1,1|data:T;indices:=int64;updates:T|output:T|T=24||
|ScatterND|16|3,3|1,1|data:T;indices:=int64;updates:T|output:T|T=24|reduction:string="none"|
|ScatterND|18|3,3|1,1|data:T;indices:=int64;updates:T|output:T|T=24|reduction:string="none"|
|Selu|1|1,1|1,1|X:T|Y:T|T=0|alpha:float=1.6732	consumed_inputs:ints	gamma:float=1.0506999|
|Selu|6|1,1|1,1|X:T|Y:T|T=0|alpha:float=1.6732632	gamma:float=1.050701|function
|Selu|22|1,1|1,1|X:T|Y:T|T=3|alpha:float=1.6732632	gamma:float=1.050701|function
|SequenceAt|11|2,2|1,1|input_sequence:S;position:I|tensor:T|S=26;T=25;I=12||
|SequenceConstruct|11|1,*|1,1|inputs*:T|output_sequence:S|T=25;S=26||
|SequenceEmpty|11|0,0|1,1||output:S|S=26|dtype:int|
|SequenceErase|11|1,2|1,1|input_sequence:S;position?:I|output_sequence:S|S=26;I=12||
|SequenceInsert|11|2,3|1,1|input_sequence:S;tensor:T;position?:I|output_sequence:S|T=25;S=26;I=12||
|SequenceLength|11|1,1|1,1|input_sequence:S|length:I|S=26;I=6||
|SequenceMap|17|1,*|1,*|input_sequence:S;additional_inputs+:V|out_sequence+:S|S=26;V=57|body!:graph|function
|Shape|1|1,1|1,1|data:T|shape:T1|T=25;T1=6||
|Shape|13|1,1|1,1|data:T|shape:T1|T=24;T1=6||
|Shape|15|1,1|1,1|data:T|shape:T1|T=24;T1=6|end:int	start:int=0|
|Shape|19|1,1|1,1|data:T|shape:T1|T=27;T1=6|end:int	start:int=0|
|Shape|21|1,1|1,1|data:T|shape:T1|T=28;T1=6|end:int	start:int=0|
|Shape|23|1,1|1,1|data:T|shape:T1|T=29;T1=6|end:int	start:int=0|
|Shape|24|1,1|1,1|data:T|shape:T1|T=30;T1=6|end:int	start:int=0|
|Shape|25|1,1|1,1|data:T|shape:T1|T=31;T1=6|end:int	start:int=0|
|Shrink|9|1,1|1,1|input:T|output:T|T=1|bias:float=0.0	lambd:float=0.5|function
|Sigmoid|1|1,1|1,1|X:T|Y:T|T=0|consumed_inputs:ints|
|Sigmoid|6|1,1|1,1|X:T|Y:T|T=0||
|Sigmoid|13|1,1|1,1|X:T|Y:T|T=3||
|Sign|9|1,1|1,1|input:T|output:T|T=1||
|Sign|13|1,1|1,1|input:T|output:T|T=2||
|Sin|7|1,1|1,1|input:T|output:T|T=0||
|Sin|22|1,1|1,1|input:T|output:T|T=3||
|Sinh|9|1,1|1,1|input:T|output:T|T=0||
|Sinh|22|1,1|1,1|input:T|output:T|T=3||
|Size|1|1,1|1,1|data:T|size:T1|T=25;T1=6||
|Size|13|1,1|1,1|data:T|size:T1|T=24;T1=6||
|Size|19|1,1|1,1|data:T|size:T1|T=27;T1=6||
|Size|21|1,1|1,1|data:T|size:T1|T=28;T1=6||
|Size|23|1,1|1,1|data:T|size:T1|T=29;T1=6||
|Size|24|1,1|1,1|data:T|size:T1|T=30;T1=6||
|Size|25|1,1|1,1|data:T|size:T1|T=31;T1=6||
|Slice|1|1,1|1,1|data:T|output:T|T=25|axes:ints	ends!:ints	starts!:ints|
|Slice|10|3,5|1,1|data:T;starts:Tind;ends:Tind;axes?:Tind;steps?:Tind|output:T|T=25;Tind=12||
|Slice|11|3,5|1,1|data:T;starts:Tind;ends:Tind;axes?:Tind;steps?:Tind|output:T|T=25;Tind=12||
|Slice|13|3,5|1,1|data:T;starts:Tind;ends:Tind;axes?:Tind;steps?:Tind|output:T|T=24;Tind=12||
|Softmax|1|1,1|1,1|input:T|output:T|T=0|axis:int=1|
|Softmax|11|1,1|1,1|input:T|output:T|T=0|axis:int=1|
|Softmax|13|1,1|1,1|input:T|output:T|T=3|axis:int=-1|function
|SoftmaxCrossEntropyLoss|12|2,3|1,2|scores:T;labels:Tind;weights?:T|output:T;log_prob?:T|T=0;Tind=12|ignore_index:int	reduction:string="mean"|function
|SoftmaxCrossEntropyLoss|13|2,3|1,2|scores:T;labels:Tind;weights?:T|output:T;log_prob?:T|T=3;Tind=12|ignore_index:int	reduction:string="mean"|function
|Softplus|1|1,1|1,1|X:T|Y:T|T=0||function
|Softplus|22|1,1|1,1|X:T|Y:T|T=3||function
|Softsign|1|1,1|1,1|input:T|output:T|T=0||function
|Softsign|22|1,1|1,1|input:T|output:T|T=3||function
|SpaceToDepth|1|1,1|1,1|input:T|output:T|T=25|blocksize!:int|
|SpaceToDepth|13|1,1|1,1|input:T|output:T|T=24|blocksize!:int|
|SpaceToDepth|28|1,1|1,1|input:T|output:T|T=24|blocksize!:int	mode:string="DCR"|function
|Split|1|1,2|1,*|input:T;split?:T|outputs...*:T|T=0|axis:int	split:ints|
|Split|2|1,1|1,*|input:T|outputs*:T|T=25|axis:int=0	split:ints|
|Split|11|1,1|1,*|input:T|outputs*:T|T=25|axis:int=0	split:ints|
|Split|13|1,2|1,*|input:T;split?:=int64|outputs*:T|T=24|axis:int=0|
|Split|18|1,2|1,*|input:T;split?:=int64|outputs*:T|T=24|axis:int=0	num_outputs:int|
|SplitToSequence|11|1,2|1,1|input:T;split?:I|output_sequence:S|T=25;I=12;S=26|axis:int=0	keepdims:int=1|
|SplitToSequence|24|1,2|1,1|input:T;split?:I|output_sequence:S|T=24;I=12;S=91|axis:int=0	keepdims:int=1|
|Sqrt|1|1,1|1,1|X:T|Y:T|T=0|consumed_inputs:ints|
|Sqrt|6|1,1|1,1|X:T|Y:T|T=0||
|Sqrt|13|1,1|1,1|X:T|Y:T|T=3||
|Squeeze|1|1,1|1,1|data:T|squeezed:T|T=25|axes:ints|
|Squeeze|11|1,1|1,1|data:T|squeezed:T|T=25|axes:ints|
|Squeeze|13|1,2|1,1|data:T;axes?:=int64|squeezed:T|T=24||
|Squeeze|21|1,2|1,1|data:T;axes?:=int64|squeezed:T|T=28||
|Squeeze|23|1,2|1,1|data:T;axes?:=int64|squeezed:T|T=29||
|Squeeze|24|1,2|1,1|data:T;axes?:=int64|squeezed:T|T=30||
|Squeeze|25|1,2|1,1|data:T;axes?:=int64|squeezed:T|T=31||
|StringConcat|20|2,2|1,1|X:T;Y:T|Z:T|T=90||
|StringNormalizer|10|1,1|1,1|X:=string|Y:=string||case_change_action:string="NONE"	is_case_sensitive:int=0	locale:string	stopwords:strings|
|StringSplit|20|1,1|2,2|X:T1|Y:T2;Z:T3|T1=90;T2=90;T3=6|delimiter:string	maxsplit:int|
|Sub|1|2,2|1,1|A:T;B:T|C:T|T=0|axis:int	broadcast:int=0	consumed_inputs:ints|
|Sub|6|2,2|1,1|A:T;B:T|C:T|T=4|axis:int	broadcast:int=0|
|Sub|7|2,2|1,1|A:T;B:T|C:T|T=4||
|Sub|13|2,2|1,1|A:T;B:T|C:T|T=5||
|Sub|14|2,2|1,1|A:T;B:T|C:T|T=2||
|Sum|1|1,*|1,1|data_0*:T|sum:T|T=0|consumed_inputs:ints|
|Sum|6|1,*|1,1|data_0*:T|sum:T|T=0||
|Sum|8|1,*|1,1|data_0*:T|sum:T|T=0||
|Sum|13|1,*|1,1|data_0*:T|sum:T|T=3||
|SwiGLU|28|2,2|1,1|A:T;B:T|Y:T|T=3|alpha:float=1.0|function
|Swish|24|1,1|1,1|X:T|Y:T|T=3|alpha:float=1.0|function
|Tan|7|1,1|1,1|input:T|output:T|T=0||
|Tan|22|1,1|1,1|input:T|output:T|T=3||
|Tanh|1|1,1|1,1|input:T|output:T|T=0|consumed_inputs:ints|
|Tanh|6|1,1|1,1|input:T|output:T|T=0||
|Tanh|13|1,1|1,1|input:T|output:T|T=3||
|TensorScatter|24|2,3|1,1|past_cache:T;update:T;write_indices?:=int64|present_cache:T|T=30|axis:int=-2	mode:string="linear"|
|TfIdfVectorizer|9|1,1|1,1|X:T|Y:T1|T=92;T1=23|max_gram_length!:int	max_skip_count!:int	min_gram_length!:int	mode!:string	ngram_counts!:ints	ngram_indexes!:ints	pool_int64s:ints	pool_strings:strings	weights:floats|
|ThresholdedRelu|10|1,1|1,1|X:T|Y:T|T=0|alpha:float=1.0|function
|ThresholdedRelu|22|1,1|1,1|X:T|Y:T|T=3|alpha:float=1.0|function
|Tile|1|3,3|1,1|input:T;tiles:T;axis:T|output:T|T=0;T1=6||
|Tile|6|2,2|1,1|input:T;repeats:T1|output:T|T=25;T1=6||
|Tile|13|2,2|1,1|input:T;repeats:T1|output:T|T=24;T1=6||
|TopK|1|1,1|2,2|X:T|Values:T;Indices:I|T=0;I=6|axis:int=-1	k!:int|
|TopK|10|2,2|2,2|X:T;K:=int64|Values:T;Indices:I|T=0;I=6|axis:int=-1|
|TopK|11|2,2|2,2|X:T;K:=int64|Values:T;Indices:I|T=1;I=6|axis:int=-1	largest:int=1	sorted:int=1|
|TopK|24|2,2|2,2|X:T;K:=int64|Values:T;Indices:I|T=2;I=6|axis:int=-1	largest:int=1	sorted:int=1|
|Transpose|1|1,1|1,1|data:T|transposed:T|T=25|perm:ints|
|Transpose|13|1,1|1,1|data:T|transposed:T|T=24|perm:ints|
|Transpose|21|1,1|1,1|data:T|transposed:T|T=28|perm:ints|
|Transpose|23|1,1|1,1|data:T|transposed:T|T=29|perm:ints|
|Transpose|24|1,1|1,1|data:T|transposed:T|T=30|perm:ints|
|Transpose|25|1,1|1,1|data:T|transposed:T|T=31|perm:ints|
|Trilu|14|1,2|1,1|input:T;k?:=int64|output:T|T=24|upper:int=1|
|Unique|11|1,1|1,4|X:T|Y:T;indices?:=int64;inverse_indices?:=int64;counts?:=int64|T=25|axis:int	sorted:int=1|
|Unique|28|1,1|1,4|X:T|Y:T;indices?:=int64;inverse_indices?:=int64;counts?:=int64|T=24|axis:int	sorted:int=1|
|Unsqueeze|1|1,1|1,1|data:T|expanded:T|T=25|axes!:ints|
|Unsqueeze|11|1,1|1,1|data:T|expanded:T|T=25|axes!:ints|
|Unsqueeze|13|2,2|1,1|data:T;axes:=int64|expanded:T|T=24||
|Unsqueeze|21|2,2|1,1|data:T;axes:=int64|expanded:T|T=28||
|Unsqueeze|23|2,2|1,1|data:T;axes:=int64|expanded:T|T=29||
|Unsqueeze|24|2,2|1,1|data:T;axes:=int64|expanded:T|T=30||
|Unsqueeze|25|2,2|1,1|data:T;axes:=int64|expanded:T|T=31||
|Upsample|1|1,1|1,1|X:T|Y:T|T=93|height_scale!:float	mode:string="nearest"	width_scale!:float|
|Upsample|7|1,1|1,1|X:T|Y:T|T=25|mode:string="nearest"	scales!:floats|
|Upsample|9|2,2|1,1|X:T;scales:=float32|Y:T|T=25|mode:string="nearest"|
|Upsample|10|2,2|1,1|X:T;scales:=float32|Y:T|T=25|mode:string="nearest"|deprecated
|Where|9|3,3|1,1|condition:B;X:T;Y:T|output:T|B=7;T=25||
|Where|16|3,3|1,1|condition:B;X:T;Y:T|output:T|B=7;T=24||
|Xor|1|2,2|1,1|A:T;B:T|C:T1|T=7;T1=7|axis:int	broadcast:int=0|
|Xor|7|2,2|1,1|A:T;B:T|C:T1|T=7;T1=7||
ai.onnx.ml|ArrayFeatureExtractor|1|2,2|1,1|X:T;Y:=int64|Z:T|T=94||
ai.onnx.ml|Binarizer|1|1,1|1,1|X:T|Y:T|T=95|threshold:float=0.0|
ai.onnx.ml|CastMap|1|1,1|1,1|X:T1|Y:T2|T1=96;T2=97|cast_to:string="TO_FLOAT"	map_form:string="DENSE"	max_map:int=1|
ai.onnx.ml|CategoryMapper|1|1,1|1,1|X:T1|Y:T2|T1=98;T2=98|cats_int64s:ints	cats_strings:strings	default_int64:int=-1	default_string:string="_Unused"|
ai.onnx.ml|DictVectorizer|1|1,1|1,1|X:T1|Y:T2|T1=99;T2=100|int64_vocabulary:ints	string_vocabulary:strings|
ai.onnx.ml|FeatureVectorizer|1|1,*|1,1|X*:T1|Y:=float32|T1=95|inputdimensions:ints|
ai.onnx.ml|Imputer|1|1,1|1,1|X:T|Y:T|T=95|imputed_value_floats:floats	imputed_value_int64s:ints	replaced_value_float:float=0.0	replaced_value_int64:int=0|
ai.onnx.ml|LabelEncoder|1|1,1|1,1|X:T1|Y:T2|T1=98;T2=98|classes_strings:strings	default_int64:int=-1	default_string:string="_Unused"|
ai.onnx.ml|LabelEncoder|2|1,1|1,1|X:T1|Y:T2|T1=97;T2=97|default_float:float=-0.0	default_int64:int=-1	default_string:string="_Unused"	keys_floats:floats	keys_int64s:ints	keys_strings:strings	values_floats:floats	values_int64s:ints	values_strings:strings|
ai.onnx.ml|LabelEncoder|4|1,1|1,1|X:T1|Y:T2|T1=101;T2=101|default_float:float=-0.0	default_int64:int=-1	default_string:string="_Unused"	default_tensor:tensor	keys_floats:floats	keys_int64s:ints	keys_strings:strings	keys_tensor:tensor	values_floats:floats	values_int64s:ints	values_strings:strings	values_tensor:tensor|
ai.onnx.ml|LinearClassifier|1|1,1|2,2|X:T1|Y:T2;Z:=float32|T1=95;T2=98|classlabels_ints:ints	classlabels_strings:strings	coefficients!:floats	intercepts:floats	multi_class:int=0	post_transform:string="NONE"|
ai.onnx.ml|LinearRegressor|1|1,1|1,1|X:T|Y:=float32|T=95|coefficients:floats	intercepts:floats	post_transform:string="NONE"	targets:int=1|
ai.onnx.ml|Normalizer|1|1,1|1,1|X:T|Y:=float32|T=95|norm:string="MAX"|
ai.onnx.ml|OneHotEncoder|1|1,1|1,1|X:T|Y:=float32|T=94|cats_int64s:ints	cats_strings:strings	zeros:int=1|
ai.onnx.ml|SVMClassifier|1|1,1|2,2|X:T1|Y:T2;Z:=float32|T1=95;T2=98|classlabels_ints:ints	classlabels_strings:strings	coefficients:floats	kernel_params:floats	kernel_type:string="LINEAR"	post_transform:string="NONE"	prob_a:floats	prob_b:floats	rho:floats	support_vectors:floats	vectors_per_class:ints|
ai.onnx.ml|SVMRegressor|1|1,1|1,1|X:T|Y:=float32|T=95|coefficients:floats	kernel_params:floats	kernel_type:string="LINEAR"	n_supports:int=0	one_class:int=0	post_transform:string="NONE"	rho:floats	support_vectors:floats|
ai.onnx.ml|Scaler|1|1,1|1,1|X:T|Y:=float32|T=95|offset:floats	scale:floats|
ai.onnx.ml|TreeEnsemble|5|1,1|1,1|X:T|Y:T|T=0|aggregate_function:int=1	leaf_targetids!:ints	leaf_weights!:tensor	membership_values:tensor	n_targets:int	nodes_falseleafs!:ints	nodes_falsenodeids!:ints	nodes_featureids!:ints	nodes_hitrates:tensor	nodes_missing_value_tracks_true:ints	nodes_modes!:tensor	nodes_splits!:tensor	nodes_trueleafs!:ints	nodes_truenodeids!:ints	post_transform:int=0	tree_roots!:ints|
ai.onnx.ml|TreeEnsembleClassifier|1|1,1|2,2|X:T1|Y:T2;Z:=float32|T1=95;T2=98|base_values:floats	class_ids:ints	class_nodeids:ints	class_treeids:ints	class_weights:floats	classlabels_int64s:ints	classlabels_strings:strings	nodes_falsenodeids:ints	nodes_featureids:ints	nodes_hitrates:floats	nodes_missing_value_tracks_true:ints	nodes_modes:strings	nodes_nodeids:ints	nodes_treeids:ints	nodes_truenodeids:ints	nodes_values:floats	post_transform:string="NONE"|
ai.onnx.ml|TreeEnsembleClassifier|3|1,1|2,2|X:T1|Y:T2;Z:=float32|T1=95;T2=98|base_values:floats	base_values_as_tensor:tensor	class_ids:ints	class_nodeids:ints	class_treeids:ints	class_weights:floats	class_weights_as_tensor:tensor	classlabels_int64s:ints	classlabels_strings:strings	nodes_falsenodeids:ints	nodes_featureids:ints	nodes_hitrates:floats	nodes_hitrates_as_tensor:tensor	nodes_missing_value_tracks_true:ints	nodes_modes:strings	nodes_nodeids:ints	nodes_treeids:ints	nodes_truenodeids:ints	nodes_values:floats	nodes_values_as_tensor:tensor	post_transform:string="NONE"|
ai.onnx.ml|TreeEnsembleClassifier|5|1,1|2,2|X:T1|Y:T2;Z:=float32|T1=95;T2=98|base_values:floats	base_values_as_tensor:tensor	class_ids:ints	class_nodeids:ints	class_treeids:ints	class_weights:floats	class_weights_as_tensor:tensor	classlabels_int64s:ints	classlabels_strings:strings	nodes_falsenodeids:ints	nodes_featureids:ints	nodes_hitrates:floats	nodes_hitrates_as_tensor:tensor	nodes_missing_value_tracks_true:ints	nodes_modes:strings	nodes_nodeids:ints	nodes_treeids:ints	nodes_truenodeids:ints	nodes_values:floats	nodes_values_as_tensor:tensor	post_transform:string="NONE"|deprecated
ai.onnx.ml|TreeEnsembleRegressor|1|1,1|1,1|X:T|Y:=float32|T=95|aggregate_function:string="SUM"	base_values:floats	n_targets:int	nodes_falsenodeids:ints	nodes_featureids:ints	nodes_hitrates:floats	nodes_missing_value_tracks_true:ints	nodes_modes:strings	nodes_nodeids:ints	nodes_treeids:ints	nodes_truenodeids:ints	nodes_values:floats	post_transform:string="NONE"	target_ids:ints	target_nodeids:ints	target_treeids:ints	target_weights:floats|
ai.onnx.ml|TreeEnsembleRegressor|3|1,1|1,1|X:T|Y:=float32|T=95|aggregate_function:string="SUM"	base_values:floats	base_values_as_tensor:tensor	n_targets:int	nodes_falsenodeids:ints	nodes_featureids:ints	nodes_hitrates:floats	nodes_hitrates_as_tensor:tensor	nodes_missing_value_tracks_true:ints	nodes_modes:strings	nodes_nodeids:ints	nodes_treeids:ints	nodes_truenodeids:ints	nodes_values:floats	nodes_values_as_tensor:tensor	post_transform:string="NONE"	target_ids:ints	target_nodeids:ints	target_treeids:ints	target_weights:floats	target_weights_as_tensor:tensor|
ai.onnx.ml|TreeEnsembleRegressor|5|1,1|1,1|X:T|Y:=float32|T=95|aggregate_function:string="SUM"	base_values:floats	base_values_as_tensor:tensor	n_targets:int	nodes_falsenodeids:ints	nodes_featureids:ints	nodes_hitrates:floats	nodes_hitrates_as_tensor:tensor	nodes_missing_value_tracks_true:ints	nodes_modes:strings	nodes_nodeids:ints	nodes_treeids:ints	nodes_truenodeids:ints	nodes_values:floats	nodes_values_as_tensor:tensor	post_transform:string="NONE"	target_ids:ints	target_nodeids:ints	target_treeids:ints	target_weights:floats	target_weights_as_tensor:tensor|deprecated
ai.onnx.ml|ZipMap|1|1,1|1,1|X:=float32|Z:T|T=102|classlabels_int64s:ints	classlabels_strings:strings|
ai.onnx.preview|FlexAttention|1|3,3|1,1|Q:T1;K:T1;V:T1|Y:T1|T1=3|prob_mod:graph	scale:float	score_mod:graph	softmax_precision:int|function
ai.onnx.preview.training|Adagrad|1|3,*|1,*|R:T1;T:T2;inputs+:T3|outputs+:T3|T1=64;T2=6;T3=64|decay_factor:float=0.0	epsilon:float=1e-06	norm_coefficient:float=0.0|
ai.onnx.preview.training|Adam|1|3,*|1,*|R:T1;T:T2;inputs+:T3|outputs+:T3|T1=64;T2=6;T3=64|alpha:float=0.89999998	beta:float=0.99900001	epsilon:float=1e-06	norm_coefficient:float=0.0	norm_coefficient_post:float=0.0|
ai.onnx.preview.training|Gradient|1|1,*|1,*|Inputs+:T1|Outputs+:T2|T1=25;T2=0|xs!:strings	y!:string	zs:strings|
ai.onnx.preview.training|Momentum|1|3,*|1,*|R:T1;T:T2;inputs+:T3|outputs+:T3|T1=64;T2=6;T3=64|alpha!:float	beta!:float	mode!:string	norm_coefficient!:float|
`;
