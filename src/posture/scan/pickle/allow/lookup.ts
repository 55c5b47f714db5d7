/**
 * The globals that pickles of data and models need, with what may be done with each: called, made or given a state. The lists of scikit-learn
 * and PyTorch began as what these libraries' own pickles name, cut down to classes and constructors that only hold or rebuild data.
 * A line is `module: name…`; `Name` may be made by `__new__` and given a state, `name()` may also be called with anything,
 * `name(check)` with arguments that pass the check, `name=` may only be named.
 */

import { numeric } from "./numeric.ts";
import { python } from "./python.ts";
import { sklearn } from "./sklearn.ts";
import { torch } from "./torch.ts";

export interface Allowed {
  /** How it may be called: not, with anything, or under a named check. */
  readonly call: "no" | "any" | Check;
  /** May `__new__` make an instance, and may a state be set on it. */
  readonly make: boolean;
}

export const checks = [
  "literal",
  "nothing",
  "generator",
  "fraction",
  "class",
  "rebuild",
  "parameter",
  "factory",
  "reconstruct",
  "array",
  "latin",
  "nested",
  "ufunc",
] as const;
export type Check = (typeof checks)[number];

const table = parse([python, numeric, torch, sklearn]);

function parse(lists: readonly string[]): ReadonlyMap<string, Allowed> {
  const found = new Map<string, Allowed>();
  for (const line of lists.join("\n").split("\n")) {
    if (line === "") continue;
    const [module, names] = line.split(": ") as [string, string];
    for (const entry of names.split(" ")) {
      const match = /^([\w]+)(=|\((\w*)\))?$/.exec(entry);
      const check = match?.[3];
      if (match === null || (check !== undefined && check !== "" && !checks.includes(check as Check)))
        throw new Error(`${module}: ${entry}`);
      const call = check === undefined ? "no" : check === "" ? "any" : (check as Check);
      found.set(`${module} ${match[1]}`, { call, make: match[2] !== "=" });
    }
  }
  return found;
}

/** What Python 3 imports for names of Python 2 (`Lib/_compat_pickle.py`), and the two names of NumPy's inner package. */
function canonical(module: string): string {
  if (module === "__builtin__") return "builtins";
  if (module === "copy_reg") return "copyreg";
  return module.startsWith("numpy._core") ? `numpy.core${module.slice(11)}` : module;
}

const scripted: Allowed = { call: "any", make: true };

/** What is allowed of a global; undefined when nobody has vetted it. */
export function allowedGlobal(module: string, name: string): Allowed | undefined {
  // Types of a TorchScript archive: PyTorch compiles them from the code beside, nothing of that name can be imported.
  if (module === "__torch__" || module.startsWith("__torch__.")) return scripted;
  return table.get(`${canonical(module)} ${name}`);
}
