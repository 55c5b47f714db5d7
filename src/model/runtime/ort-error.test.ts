import { describe, expect, it } from "vitest";
import { loadError, runError } from "./ort-error.ts";

describe("what ONNX Runtime says when a run fails", () => {
  it.for([
    [
      "Non-zero status code returned while running Gather node. Name:'emb/Gather' Status Message: indices element out of data bounds, idx=7 must be within the inclusive range [-3,2]",
      "runtime/run-failed",
      400,
      "node `emb/Gather` (Gather) failed on these inputs: indices element out of data bounds, idx=7 must be within the inclusive range [-3,2]",
    ],
    [
      "Non-zero status code returned while running ConstantOfShape node. Name:'bomb' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:360 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 4398046511104\n",
      "runtime/out-of-memory",
      503,
      "node `bomb` (ConstantOfShape) asked for more memory than there is",
    ],
    [
      "Invalid rank for input: input Got: 1 Expected: 4 Please fix either the inputs/outputs or the model.",
      "runtime/bad-input",
      400,
      "the inputs do not fit the model: Invalid rank for input: input Got: 1 Expected: 4 Please fix either the inputs/outputs or the model.",
    ],
    [
      "Non-zero status code returned while running X node. Name:'' Status Message: /onnxruntime_src/onnxruntime/core/common/safeint.h:17 static void SafeInt() Integer overflow",
      "runtime/run-failed",
      400,
      "node `X` (X) failed on these inputs: Integer overflow",
    ],
  ] as const)("becomes one line with the node's name: %s", ([said, code, status, message]) => {
    expect(runError(new Error(said))).toMatchObject({ code, status, message });
  });
});

describe("what ONNX Runtime says when a load fails", () => {
  it.for([
    [
      "Type Error: Type parameter (T) of Optype (Add) bound to different types (tensor(float) and tensor(int64) in node (my`Add).",
      "`my\\u0060Add`",
    ],
    [
      'This is an invalid model. In Node, ("foo", Foo, "evil", -1) : ("a": tensor(float),) -> ("y": tensor(float),) , Error No opset import for domain \'evil\'',
      "`foo`",
    ],
  ])("names the node: %s", ([said, node]) => {
    const error = loadError(new Error(said));
    expect(error).toMatchObject({ code: "runtime/load-refused", status: 422 });
    expect(error.message).toContain(`ONNX Runtime refused the model at node ${node}: `);
  });

  it("says what to do about outputs that are no tensors", () => {
    expect(loadError(new Error("Non tensor type of 'probabilities'"))).toMatchObject({
      code: "runtime/unsupported-type",
      hint: expect.stringContaining("zipmap=False"),
    });
  });

  it("stays short and on one line whatever names the model has", () => {
    const name = `evil\u001b[2J\n${"x".repeat(1e6)}`;
    const error = loadError(new Error(`This is an invalid model. In Node, ("${name}", Foo, "", -1) : , Error bad`));
    expect(error.message.length).toBeLessThan(700);
    // oxlint-disable-next-line no-control-regex
    expect(error.message).not.toMatch(/[\u0000-\u001f]/);
  });
});
