"""MLServer's runtime class for an ONNX file, as its documentation on custom runtimes has it: one session, inputs by name, outputs by name."""

import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class OnnxModel(MLModel):
    async def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(self.settings.parameters.uri, options, providers=["CPUExecutionProvider"])
        self.names = [output.name for output in self.session.get_outputs()]
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feeds = {tensor.name: self.decode(tensor, default_codec=NumpyCodec) for tensor in payload.inputs}
        arrays = self.session.run(self.names, feeds)
        outputs = [NumpyCodec.encode_output(name, array) for name, array in zip(self.names, arrays)]
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=outputs)
