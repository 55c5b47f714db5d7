import { ModelkeepError, quote } from "../../base/error/index.ts";
import { externalLocations, readModel } from "../onnx/index.ts";
import type {} from "./errors.ts";

/**
 * INVARIANT: ONNX Runtime never gets a model that names data we did not give it. Without graph optimisation 1.30 opens such a location
 * as a path relative to the working directory, even for a model that came as bytes, and a location can also mean an address in memory.
 * @throws runtime/external-data, and what `readModel` throws for bytes that are no model
 */
export function checkExternalData(bytes: Uint8Array, given: ReadonlyMap<string, Uint8Array> | undefined): void {
  for (const location of externalLocations(readModel(bytes))) {
    if (given?.has(location) && !location.includes("_ORT_MEM_ADDR_")) continue;
    throw new ModelkeepError("runtime/external-data", {
      message: `the model keeps weights in another file, ${quote(location)}, which was not given`,
      hint: "list the file with its digest in the config, or export the model as one file (`onnx.save(model, path)`)",
      status: 422,
    });
  }
}
