/** The house as data: floors, rooms and the few neighbours that may import each other. `ARCHITECTURE.md` says the same in words. */

export interface Floor {
  readonly level: number;
  /** Folder below `src/`. */
  readonly folder: string;
  readonly rooms: readonly string[];
}

export const floors: readonly Floor[] = [
  { level: 4, folder: "app", rooms: ["cli", "host", "report", "api"] },
  { level: 3, folder: "guard", rooms: ["access", "firewall", "audit", "vault", "backup", "gateway", "admit", "federation"] },
  { level: 2, folder: "lab", rooms: ["attack", "defend", "privacy", "federated", "assess"] },
  { level: 2, folder: "posture", rooms: ["scan", "sign", "comply"] },
  { level: 1, folder: "model", rooms: ["onnx", "autodiff", "runtime", "train", "data"] },
  {
    level: 0,
    folder: "base",
    rooms: [
      "error",
      "port",
      "finding",
      "evidence",
      "registry",
      "config",
      "crypto",
      "tlog",
      "net",
      "math",
      "plot",
      "store",
      "objects",
      "log",
    ],
  },
];

/** `room → rooms on the same floor that it may import`. */
export const neighbours: Readonly<Record<string, readonly string[]>> = {
  tlog: ["crypto"],
  autodiff: ["onnx"],
  runtime: ["onnx"],
  train: ["onnx", "autodiff", "runtime", "data"],
  defend: ["attack"],
  assess: ["attack", "defend", "privacy"],
  federated: ["privacy"],
  comply: ["scan", "sign"],
  gateway: ["access", "firewall", "audit"],
  vault: ["access", "audit"],
  backup: ["access", "audit"],
  federation: ["access", "audit"],
  cli: ["host", "report", "api"],
  api: ["report"],
};

/** On the ground floor every room stands on these, and each of these on those before it. */
export const foundations: readonly string[] = ["error", "port"];
