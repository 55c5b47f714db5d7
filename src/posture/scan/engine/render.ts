/** A folder of templates turned into the manifests that it stands for. */
export interface Rendered {
  /** YAML of all manifests; undefined when nothing here can render it. */
  readonly text?: string;
  /** Why there is no text, or what the program said. */
  readonly reason?: string;
}

/** Renders charts and kustomizations. Filled on Node by the programs that are installed; elsewhere nothing renders. */
export interface Renderer {
  render(program: "helm" | "kustomize"): Rendered;
}
