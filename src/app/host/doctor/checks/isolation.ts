import type { Finding } from "../../../../base/finding/index.ts";
import { createRuntime } from "../../../../model/runtime/index.node.ts";
import { defineCheck } from "../define.ts";

/** What this machine grants to the process of a model that nobody vouches for. It is tried, not read from settings. */
export const isolation = defineCheck({
  id: "isolation",
  title: "Caps on the processes of models that nobody vouches for",
  async run() {
    const runtime = createRuntime();
    try {
      const { works, notes } = await runtime.isolationReport();
      if (!works) return { findings: notes.map((note) => finding("isolation/none", "high", note)) };
      return { findings: notes.map((note) => finding("isolation/cap-missing", "medium", note)) };
    } finally {
      await runtime.close();
    }
  },
});

function finding(rule: string, severity: Finding["severity"], note: string): Finding {
  return {
    rule,
    severity,
    message: note,
    where: {},
    why: "a hostile model file is held by these caps when it gets past our reader",
    fix: "serve only models whose digest you list under `trust`, or give the service what the line above asks for",
    references: ["cwe:265"],
  };
}
