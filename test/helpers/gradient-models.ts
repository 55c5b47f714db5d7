/** The networks under `test/fixtures/gradients`, by name. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../fixtures/gradients");
const fileOf = (name: string): string => join(folder, name, "model.onnx");

/** Names of the networks that have a model file. */
export const gradientModels: readonly string[] = readdirSync(folder).filter((name) => existsSync(fileOf(name)));

/** The model file of one of them. */
export const gradientModel = (name: string): Uint8Array => new Uint8Array(readFileSync(fileOf(name)));
