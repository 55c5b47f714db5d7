import { defineArchitecture, imageOf } from "./define.ts";

/** LeNet's plan (LeCun et al. 1998) with rectifiers and maxima: two convolutions, each followed by a half of the size, and two full layers. */
export const cnn = defineArchitecture({
  id: "cnn",
  title: "two convolutions and two full layers, for small images",
  write(net, { input, classes }) {
    const [channels, height, width] = imageOf(input, "cnn");
    const half = (x: string): string => net.b.op("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2] });
    let x = half(net.relu(net.conv("conv1", net.input, { channels: [channels, 16], kernel: 3, pad: 1 })));
    x = half(net.relu(net.conv("conv2", x, { channels: [16, 32], kernel: 3, pad: 1 })));
    const flat = 32 * Math.floor(Math.floor(height / 2) / 2) * Math.floor(Math.floor(width / 2) / 2);
    x = net.relu(net.linear("fc1", net.flatten(x), [flat, 128]));
    return net.linear("fc2", x, [128, classes]);
  },
});
