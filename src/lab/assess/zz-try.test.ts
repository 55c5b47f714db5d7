import { it } from "vitest";
import { fakeDefences, honestModels } from "/work/wt/assess/test/helpers/fake-defences.ts";
import { assess, openSubject, parseThreat } from "/work/wt/assess/src/lab/assess/index.ts";
import { openSession } from "/work/wt/assess/src/model/runtime/index.node.ts";
import { openData, isIndexed } from "/work/wt/assess/src/model/data/index.node.ts";
const N = Number(process.env.N ?? 100);
const only = process.env.ONLY;
it("tries", { timeout: 3e6 }, async () => {
  const data = await openData("mnist", { part: "test", limit: N }) as any;
  const { tensors } = data.take(Uint32Array.from({ length: N }, (_, i) => i));
  const x = new Float32Array(tensors.x.data.buffer.slice(tensors.x.data.byteOffset, tensors.x.data.byteOffset + tensors.x.data.byteLength));
  const labels = Int32Array.from(new BigInt64Array(tensors.y.data.buffer.slice(tensors.y.data.byteOffset, tensors.y.data.byteOffset + tensors.y.data.byteLength)), Number);
  const list = process.env.KIND === "honest" ? honestModels : fakeDefences;
  for (const p of list) {
    if (only && !p.name.includes(only)) continue;
    const t = performance.now();
    try {
    const scale = p.scale ?? 1;
    const subject = await openSubject(openSession, p.model(), { name: p.name });
    const r = await assess({ subject, open: openSession, x: x.map((v) => v * scale), labels, threats: [parseThreat(process.env.T ?? "linf:0.05,0.1")], bounds: { low: 0, high: scale }, boundsTold: false, attacks: "auto", now: () => performance.now() });
    console.log(`\n## ${p.name}  ${((performance.now() - t) / 1000).toFixed(1)} s clean ${r.cleanAccuracy}`);
    for (const th of r.threats) console.log(`  ${th.norm} ${th.epsilon} robust ${th.robustAccuracy} ${th.verdict}  ` + th.perAttack.map((a) => `${a.attack}:${a.worstCase.toFixed(2)}(${(a.milliseconds/1000).toFixed(1)}s)`).join(" "));
    for (const n of r.audit) if (n.status !== "passed" || process.env.ALL) console.log(`    ${n.status} ${n.check}: ${n.message}`);
    await subject.target.close();
    } catch (e) { console.log("##", p.name, e); }
  }
});
