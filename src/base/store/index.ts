export { migrate } from "./migrate.ts";
export type { Migration, Store } from "./store.ts";
