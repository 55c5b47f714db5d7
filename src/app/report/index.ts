import { createRegistry } from "../../base/registry/index.ts";
import type { Registry } from "../../base/registry/index.ts";
import type { Writer } from "./define.ts";
import { all } from "./writers/_all.ts";

export { defineWriter } from "./define.ts";
export type { Report, RuleFacts, Target, Writer } from "./define.ts";

/** Every report format, by the name that `--format` takes. */
export const writers: Registry<Writer> = createRegistry("report format", all);

export { assessmentPage } from "./assessment/page.ts";
export type { AssessmentFacts, Example } from "./assessment/facts.ts";

export { hardeningPage } from "./hardening/page.ts";
export type { HardeningPageFacts } from "./hardening/page.ts";
export { paretoChart } from "./hardening/pareto.ts";
export type { ParetoPoint } from "./hardening/pareto.ts";

export { defencePage } from "./defence/page.ts";

export { certificatePage } from "./certificate/page.ts";
export type { CertificateFacts } from "./certificate/page.ts";

export type { Bom } from "./bom/document.ts";
export { modelBom } from "./bom/model.ts";
export type { FolderCard, ModelBomFacts } from "./bom/model.ts";
export type { AssessmentCard, DataCard, ModelCard, SignatureCard, TrainingCard } from "./bom/cards.ts";
export { packageBom } from "./bom/packages.ts";
export type { PackageBomFacts } from "./bom/packages.ts";
