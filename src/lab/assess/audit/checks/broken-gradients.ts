import { defineAuditCheck, failed, handled, passed } from "../define.ts";

/** Integer arithmetic of quantised models, whose own rule passes roundings straight through: that is the stand-in already. */
const throughRoundings = (kind: string): boolean => kind === "approximated";

/** What a target says of itself when its model was at hand and gave no gradient. */
const unreached = "no gradient reaches the input";

export const brokenGradients = defineAuditCheck({
  id: "broken-gradients",
  title: "no node of the graph breaks the gradient",
  why: "rounding, signs, choices and quantisation have no slope: an attack by gradients is blind behind them, the model is not safer (Athalye et al. 2018)",
  fix: "nothing to do: attacks go through stand-ins (BPDA) and without gradients; do not count on such nodes as a defence",
  references: ["doi:10.48550/arXiv.1802.00420"],
  remedy: ({ facts, target }) =>
    facts.some(({ kind }) => kind !== "random" && !throughRoundings(kind)) || target.knowledge !== "gradient"
      ? { straightThrough: true }
      : {},
  examine({ facts, target }) {
    const found = facts.filter(({ kind }) => kind !== "random" && !throughRoundings(kind));
    const rounded = facts.filter(({ kind }) => throughRoundings(kind));
    if (found.length === 0 && rounded.length > 0)
      return handled(`gradients go straight through the roundings of ${rounded.length} nodes (${rounded[0]!.node})`);
    if (found.length === 0 && target.notes.includes(unreached))
      return failed("no gradient reaches the input, and no node says why: values pass through whole numbers");
    if (found.length === 0) return passed("every node on the way has its derivative");
    const named = found.slice(0, 3).map(({ node, reason }) => `${node}: ${reason}`);
    return failed(`${found.length} ${found.length === 1 ? "node" : "nodes"} without a useful derivative (${named.join("; ")})`);
  },
});
