/** The official JSON schema of CycloneDX 1.6, from the package that ships it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";

const folder = join(import.meta.dirname, "../../node_modules/@cyclonedx/cyclonedx-library/res/schema");
const schema = (name: string): object => JSON.parse(readFileSync(join(folder, `${name}.SNAPSHOT.schema.json`), "utf8")) as object;
// Formats (addresses, times) are left to the tests: the schema is here for the shape.
const ajv = new Ajv({ strict: false, validateFormats: false });
for (const name of ["spdx", "jsf-0.82"]) ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
const isValid = ajv.compile(schema("bom-1.6"));

/** What is wrong with a bill of materials; nothing when it is valid. */
export function cycloneDxErrors(bom: unknown): readonly unknown[] {
  return isValid(JSON.parse(JSON.stringify(bom))) ? [] : (isValid.errors ?? []);
}
