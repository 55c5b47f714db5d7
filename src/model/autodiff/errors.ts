declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "autodiff/not-differentiable": "a path between the loss and a requested tensor goes through a node that has no derivative";
    "autodiff/no-path": "the loss does not depend on a requested tensor, or only where the derivative is zero by construction";
    "autodiff/unknown-value": "the graph has no such output, input, initializer or inner value";
    "autodiff/bad-loss": "the loss does not fit the output it is taken of";
    "autodiff/mixes-examples": "a node lets one example of a batch influence another, so there are no gradients for each example";
    "autodiff/unknown-shape": "a rule needs a dimension that is only known when the model runs";
  }
}

export {};
