/** Detectors in front of a model, by name. */
import { createRegistry } from "../../../base/registry/index.ts";
import { all } from "../detectors/_all.ts";
import type { Detector } from "./define.ts";

export const detectors = createRegistry<Detector>("detector", all as readonly unknown[] as readonly Detector[]);
