import { defineFolderKind } from "../../define.ts";
import { openTemplated } from "./templated.ts";

const names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** A kustomization: what `kustomize build` prints is judged, and the files beside it are looked at as they are. */
export const kustomization = defineFolderKind({
  id: "kustomization",
  title: "Kustomization",
  family: "k8s",
  claims: (found) => names.some((name) => found.includes(name)),
  open: (_, context) => openTemplated("kustomize", context),
  owns: (path) => names.includes(path),
});
