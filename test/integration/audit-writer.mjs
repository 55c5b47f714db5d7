// Appends to an audit log as fast as it may and prints `index id` for each entry that was acknowledged. Made to be killed.
import { auditConfig, createAuditLog, openSigner } from "../../dist/guard/audit/index.js";

const [dir, run] = process.argv.slice(2);
const config = auditConfig.parse({ integrateMs: 20 });
const log = await createAuditLog({ dir, config, signer: await openSigner({ dir, config }) });
let n = 0;

async function worker() {
  for (;;) {
    const requestId = `${run}-${n++}`;
    const actor = { principal: "alice", address: "192.0.2.1" };
    const { index } = await log.append({ kind: "inference.answered", outcome: "done", actor, requestId });
    // Pipes are written synchronously: what this printed, the parent will read, however this process ends.
    process.stdout.write(`${index} ${requestId}\n`);
  }
}

process.stdout.write("ready\n");
await Promise.all(Array.from({ length: 32 }, worker));
