export type {
  Actor,
  Evidence,
  EvidenceEntry,
  EvidenceQuery,
  EvidenceSink,
  EvidenceSource,
  Figure,
  Json,
  Outcome,
  Receipt,
  Subject,
} from "./evidence.ts";
export { createMemoryEvidence } from "./memory.ts";
