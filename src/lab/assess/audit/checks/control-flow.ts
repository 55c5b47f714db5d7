import { defineAuditCheck, failed, passed } from "../define.ts";

export const controlFlow = defineAuditCheck({
  id: "control-flow",
  title: "the graph does not search or branch on its data",
  why: "a model that optimises or branches inside has gradients of the path it took, not of the one an attacker could make it take (auto-attack's own check)",
  fix: "assess the parts by themselves, or attack without gradients",
  references: ["https://github.com/fra31/auto-attack"],
  examine: ({ controlFlow: nodes }) =>
    nodes.length === 0
      ? passed("no loops or branches on data")
      : failed(`${nodes.length} loops or branches: ${nodes.slice(0, 3).join(", ")}`),
});
