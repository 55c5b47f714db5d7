import { defineArchitecture, imageOf } from "./define.ts";
import type { Net } from "./define.ts";

/** He et al. 2016 (arXiv:1512.03385), section 4.2, with one block a stage: 16, 32 and 64 channels, 8 layers. */
export const resnet8 = defineArchitecture({
  id: "resnet8",
  title: "three residual blocks with batch norm, for images",
  write(net, { input, classes }) {
    const [channels] = imageOf(input, "resnet8");
    let x = net.relu(
      net.batchNorm("bn1", net.conv("conv1", net.input, { channels: [channels, 16], kernel: 3, pad: 1, bias: false }), 16),
    );
    for (const [stage, outputs] of [16, 32, 64].entries())
      x = block(net, `layer${stage + 1}`, x, { inputs: stage === 0 ? 16 : outputs / 2, outputs });
    const pooled = net.flatten(net.b.op("GlobalAveragePool", [x]));
    return net.linear("fc", pooled, [64, classes]);
  },
});

function block(
  net: Net,
  name: string,
  x: string,
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
): string {
  const stride = inputs === outputs ? 1 : 2;
  const conv = (own: string, value: string, from: number, by: number): string =>
    net.conv(`${name}.${own}`, value, { channels: [from, outputs], kernel: 3, stride: by, pad: 1, bias: false });
  const first = net.relu(net.batchNorm(`${name}.bn1`, conv("conv1", x, inputs, stride), outputs));
  const second = net.batchNorm(`${name}.bn2`, conv("conv2", first, outputs, 1), outputs);
  const shortcut =
    stride === 1
      ? x
      : net.batchNorm(
          `${name}.downsample.bn`,
          net.conv(`${name}.downsample.conv`, x, { channels: [inputs, outputs], kernel: 1, stride, bias: false }),
          outputs,
        );
  return net.relu(net.b.op("Add", [second, shortcut]));
}
