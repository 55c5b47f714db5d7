// The bound: Fastify and the same worker inference, and nothing else. No credential, no policy, no limit, no contract, no log.
import Fastify from "fastify";
import { readFileSync } from "node:fs";
import { contractOf, readModel } from "../../dist/model/onnx/index.js";
import { createRuntime } from "../../dist/model/runtime/index.node.js";

const bytes = new Uint8Array(readFileSync(new URL("../../examples/models/digits.onnx", import.meta.url)));
const runtime = createRuntime();
const runner = await runtime.load({ name: "digits", bytes, contract: contractOf(readModel(bytes)), isolation: "worker" });
const app = Fastify({ logger: false, bodyLimit: 64 * 2 ** 20 });
app.removeAllContentTypeParsers();
app.addContentTypeParser("*", { parseAs: "buffer" }, (_, body, done) => done(null, body));
app.post("/v2/models/digits/infer", async (request, reply) => {
  const headLength = Number(request.headers["inference-header-content-length"]);
  const { inputs } = JSON.parse(request.body.toString("utf8", 0, headLength));
  const data = Uint8Array.from(request.body.subarray(headLength));
  const { outputs } = await runner.run({ input: { type: "float32", dims: inputs[0].shape, data } });
  const { dims, data: answer } = Object.values(outputs)[0];
  const head = JSON.stringify({
    model_name: "digits",
    outputs: [{ name: "logits", shape: dims, datatype: "FP32", parameters: { binary_data_size: answer.length } }],
  });
  reply.header("inference-header-content-length", head.length).header("content-type", "application/octet-stream");
  return Buffer.concat([Buffer.from(head), answer]);
});
const url = await app.listen({ host: "127.0.0.1", port: 0 });
console.log(JSON.stringify({ url }));
process.on("SIGTERM", () => process.exit(0));
