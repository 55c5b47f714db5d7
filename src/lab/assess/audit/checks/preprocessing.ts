import { defineAuditCheck, failed, passed } from "../define.ts";

export const preprocessing = defineAuditCheck({
  id: "preprocessing",
  title: "the model takes what a person would see",
  why: "with normalisation left outside the model, radii are in units of standard deviations and bounds are unknown: an attack may use values that no image has, or less than an image allows",
  fix: "put the normalisation into the ONNX file, or give `--bounds low,high` in the model's units",
  references: ["doi:10.48550/arXiv.1902.06705"],
  examine({ data, boundsTold }) {
    const { min, max } = data;
    const known = min >= 0 && (max <= 1 || (max > 2 && max <= 255));
    if (known || boundsTold) return passed(boundsTold ? "bounds were given" : `data in 0 … ${max <= 1 ? 1 : 255}`);
    return failed(`data lies in ${Number(min.toPrecision(3))} … ${Number(max.toPrecision(3))}: neither 0 … 1 nor 0 … 255`);
  },
});
