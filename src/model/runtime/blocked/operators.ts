/** ONNX Runtime's own operators on channels in blocks, as its optimiser writes them for convolutions whose weights are constants. */

/** `kMSNchwcDomain` in ONNX Runtime: its tensors are [batch, channels / block, height, width, block] in memory, declared as [batch, channels, height, width]. */
export const blockedDomain = "com.microsoft.nchwc";
