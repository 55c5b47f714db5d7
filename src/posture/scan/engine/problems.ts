import type { Finding } from "../../../base/finding/index.ts";

type Problem = { readonly id: string } & Pick<Finding, "severity" | "why" | "fix" | "references">;

/** What keeps a target from being scanned. These have no fixtures of their own: the engine raises them. */
export const problems = {
  unparsed: {
    id: "unparsed",
    severity: "high",
    why: "a scanner that calls a file clean because it could not read it is how hostile files get through",
    fix: "fetch the file again from its maker; if it stays like this, do not load it",
    references: ["cwe:693", "atlas:AML.T0010"],
  },
  refused: {
    id: "refused",
    severity: "high",
    why: "more memory, nesting or members than any honest file needs: looking on would take the machine down",
    fix: "unpack it where it can do no harm and scan what comes out",
    references: ["cwe:409", "cwe:400"],
  },
  unrecognised: {
    id: "unrecognised",
    severity: "medium",
    why: "what nothing recognises nobody has looked at, so nothing is known of what a program would do with it",
    fix: "take the file out of the folder, or convert it to a format that can be checked",
    references: ["cwe:693"],
  },
  unreadable: {
    id: "unreadable",
    severity: "medium",
    why: "what cannot be read is not clean, it is unknown",
    fix: "give this user the right to read it, or leave it out of what is deployed",
    references: ["cwe:693"],
  },
  link: {
    id: "link",
    severity: "medium",
    why: "a link that goes round, or nowhere, means something else tomorrow than today",
    fix: "put the file itself where the link is",
    references: ["cwe:59"],
  },
  damaged: {
    id: "damaged",
    severity: "medium",
    why: "what a loader makes of damaged or encrypted bytes cannot be told from them",
    fix: "fetch the file again, or decrypt it where it can do no harm and scan what comes out",
    references: ["cwe:354", "cwe:693"],
  },
  changed: {
    id: "changed-while-read",
    severity: "high",
    why: "what was checked is not what will be loaded",
    fix: "write to another name, rename when it is whole, and scan again",
    references: ["cwe:367"],
  },
} as const satisfies Record<string, Problem>;
