import { defineFolderKind } from "../../define.ts";
import { ownTemplates } from "./own-chart.ts";
import { openTemplated } from "./templated.ts";

/** A Helm chart: what `helm template` prints with its own values is what is judged; its templates are not read one by one. */
export const helm = defineFolderKind({
  id: "helm-chart",
  title: "Helm chart",
  family: "k8s",
  claims: (names) => names.includes("Chart.yaml"),
  open: (folder, context) => openTemplated("helm", context, ownTemplates(folder)),
  owns: (path) => /^(?:templates\/|charts\/|crds\/|Chart\.(?:yaml|lock)$|values[^/]*\.ya?ml$|values\.schema\.json$)/.test(path),
});
