/** Files that honest programs write, made here by themselves. Needs Python 3 and the network. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { scanPath } from "../../src/posture/scan/index.node.ts";
import { pythonWith } from "../helpers/python.ts";

const folder = mkdtempSync(join(tmpdir(), "modelkeep-benign-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("what NumPy, scikit-learn and joblib write", () => {
  it("is flagged in none of more than 500 files", () => {
    const python = pythonWith(["numpy==2.4.6", "scikit-learn==1.9.1", "joblib==1.6.0", "scipy==1.17.1"]);
    execFileSync(python, [join(import.meta.dirname, "python/benign_files.py"), folder], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    expect(readdirSync(folder).length).toBeGreaterThan(500);
    const targets = [...scanPath(folder)];
    const flagged = targets.flatMap(({ path, findings }) =>
      findings.map(({ rule, message }) => `${path.slice(folder.length)}: ${rule} ${message}`),
    );
    expect(flagged).toEqual([]);
    expect(targets.filter(({ status }) => status === "failed")).toEqual([]);
  });
});
