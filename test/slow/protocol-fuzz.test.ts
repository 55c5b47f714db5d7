// The same law as in the unit suite, over ten times the cases: the seeds are the case numbers, so the first 10^5 are those of the unit run.
process.env["FUZZ_CASES"] ??= "1000000";
await import("../../src/guard/gateway/protocol/decode.fuzz.test.ts");
