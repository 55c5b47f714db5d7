import type { Finding, Severity } from "../../base/finding/index.ts";
import type { SoftwarePackage } from "./container/image/packages.ts";
import type { TextEdit } from "./define.ts";

/** A finding of a scan; `where.file` is the target's path. */
export interface ScanFinding extends Finding {
  readonly scope?: string;
  readonly edits?: readonly TextEdit[];
}

/** One file, member or folder. */
export interface ScannedTarget {
  readonly path: string;
  /** What its content is: `pickle`, `pytorch`, `onnx`, `pod`, …; `unknown` when nothing recognises it. */
  readonly kind: string;
  /** scanned: parsed to its end. failed: could not be read or parsed, which is a finding. skipped: nothing there that could act; `reason` says what. */
  readonly status: "scanned" | "failed" | "skipped";
  readonly reason?: string;
  readonly sizeBytes?: number;
  /** `sha256:<hex>` of a file on disk, when it was asked for. */
  readonly digest?: string;
  readonly findings: readonly ScanFinding[];
  /** Packages that are installed in an image, when they were asked for. */
  readonly packages?: readonly SoftwarePackage[];
}

/** A finding that an exception covers, with the exception that covers it. */
export interface ExceptedFinding extends ScanFinding {
  readonly exception: { readonly owner: string; readonly reason: string; readonly expires?: string };
}

export interface ScanSummary {
  readonly scanned: number;
  readonly failed: number;
  readonly skipped: number;
  readonly findings: Readonly<Record<Severity, number>>;
}

export interface ScanResult {
  readonly targets: readonly ScannedTarget[];
  readonly summary: ScanSummary;
  /** Findings that an exception in force covers. */
  readonly excepted: readonly ExceptedFinding[];
  /** Findings that the baseline holds. */
  readonly known: readonly ScanFinding[];
}

export function summarise(targets: readonly ScannedTarget[]): ScanSummary {
  const findings = { info: 0, low: 0, medium: 0, high: 0, critical: 0 };
  for (const target of targets) for (const { severity } of target.findings) findings[severity]++;
  const count = (status: ScannedTarget["status"]): number => targets.filter((target) => target.status === status).length;
  return { scanned: count("scanned"), failed: count("failed"), skipped: count("skipped"), findings };
}
