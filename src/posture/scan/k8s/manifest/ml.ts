import { at, listAt, textAt } from "../fields.ts";

const cards = /^(?:nvidia\.com\/|amd\.com\/gpu|gpu\.intel\.com\/|habana\.ai\/|google\.com\/tpu|aws\.amazon\.com\/neuron)/;

/** True where a container asks for an accelerator through its device plugin. */
export function asksForGpu(container: unknown): boolean {
  const limits = at(container, "resources", "limits");
  return typeof limits === "object" && limits !== null && Object.keys(limits).some((name) => cards.test(name));
}

/** The value of an environment variable that is written out. */
export function envOf(container: unknown, name: string): string | undefined {
  return listAt(container, "env").flatMap((variable) =>
    textAt(variable, "name") === name ? [textAt(variable, "value") ?? ""] : [],
  )[0];
}
