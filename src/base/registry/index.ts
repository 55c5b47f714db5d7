export { createRegistry } from "./registry.ts";
export type { Registered, Registry } from "./registry.ts";
