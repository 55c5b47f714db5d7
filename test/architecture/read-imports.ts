import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";

export interface SourceFile {
  /** Path below `src/`, with slashes. */
  readonly path: string;
  readonly imports: readonly Import[];
  readonly hasDefaultExport: boolean;
}

export interface Import {
  readonly from: string;
  /** True when nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

/** Every TypeScript file below `src/`, tests included, with what it imports: static, dynamic, re-exported, and `new URL(…, import.meta.url)`. */
export function readSources(src: string): SourceFile[] {
  const paths = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((path) => /\.tsx?$/.test(path));
  return paths.map((path) => readSource(path.replaceAll("\\", "/"), readFileSync(join(src, path), "utf8")));
}

export function readSource(path: string, text: string): SourceFile {
  const { module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`);
  const imports: Import[] = [];
  for (const item of module.staticImports) {
    const typeOnly =
      /^import\s+type\b/.test(text.slice(item.start, item.end)) ||
      (item.entries.length > 0 && item.entries.every((entry) => entry.isType));
    imports.push({ from: item.moduleRequest.value, typeOnly });
  }
  for (const item of module.staticExports) {
    for (const entry of item.entries) {
      if (entry.moduleRequest) imports.push({ from: entry.moduleRequest.value, typeOnly: entry.isType });
    }
  }
  for (const item of module.dynamicImports) {
    const literal = /^\(?\s*["'`]([^"'`$]+)["'`]/.exec(text.slice(item.moduleRequest.start, item.moduleRequest.end));
    if (literal) imports.push({ from: literal[1]!, typeOnly: false });
  }
  const hasDefaultExport = module.staticExports.some((item) =>
    item.entries.some((entry) => entry.exportName.kind === "Default" || entry.exportName.name === "default"),
  );
  return { path, imports, hasDefaultExport };
}
