import { defineArchitecture } from "./define.ts";

/** Two hidden layers of 128: tables, and whatever else is a vector. */
export const mlp = defineArchitecture({
  id: "mlp",
  title: "two hidden layers, for tables and vectors",
  write(net, { input, classes }) {
    const size = input.reduce((a, b) => a * b, 1);
    let x = input.length > 1 ? net.flatten(net.input) : net.input;
    x = net.relu(net.linear("fc1", x, [size, 128]));
    x = net.relu(net.linear("fc2", x, [128, 128]));
    return net.linear("fc3", x, [128, classes]);
  },
});
