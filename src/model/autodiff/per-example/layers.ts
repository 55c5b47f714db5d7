/** Parameters grouped into layers, each of which has a bound of its own. */

/** Parameters that are clipped together. */
export interface ClipLayer {
  readonly name: string;
  readonly parameters: readonly string[];
}

/**
 * How gradients are clipped. `flat`: an example's whole gradient · `per-layer`: each layer by its own bound · `per-user`: the sum over the
 * examples of a user, who must have all of them in one run.
 */
export type Clipping =
  | { readonly mode: "flat" | "per-user" }
  | {
      readonly mode: "per-layer";
      /** Default: parameters whose names agree up to the last dot. */
      readonly layers?: readonly ClipLayer[];
    };

/** One layer for each module of PyTorch's names: `conv.weight` and `conv.bias` are clipped together, other names each alone. */
export function layersOf(parameters: readonly string[]): readonly ClipLayer[] {
  const layers = new Map<string, string[]>();
  for (const parameter of parameters) {
    const dot = parameter.lastIndexOf(".");
    const name = dot > 0 ? parameter.slice(0, dot) : parameter;
    layers.set(name, [...(layers.get(name) ?? []), parameter]);
  }
  return [...layers].map(([name, list]) => ({ name, parameters: list }));
}
