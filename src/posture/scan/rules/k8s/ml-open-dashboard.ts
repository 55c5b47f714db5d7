import { defineRule } from "../../define.ts";
import { textAt } from "../../k8s/fields.ts";
import { containersOf, hitAt, wordsOf } from "../../k8s/manifest/hits.ts";

/** How each known program is started without asking who is there. Each has run other people's code in the wild. */
const openly: readonly { readonly program: string; readonly is: RegExp; readonly when: (words: readonly string[]) => boolean }[] =
  [
    {
      program: "Jupyter",
      is: /^(?:jupyter(?:-lab|-notebook)?|start-notebook\.(?:sh|py)|jupyter-server)$/,
      when: (words) =>
        words.some((word) => /^--(?:NotebookApp|ServerApp|IdentityProvider)\.(?:token|password)=["']{0,2}$/.test(word)),
    },
    {
      program: "MLflow",
      is: /^mlflow$/,
      when: (words) => words.some((word) => /^(?:server|ui)$/.test(word)) && !words.join(" ").includes("basic-auth"),
    },
    {
      program: "Ray",
      is: /^ray$/,
      when: (words) => words.includes("--head") && words.join(" ").match(/--dashboard-host[= ](?:0\.0\.0\.0|::)/) !== null,
    },
    {
      program: "TensorBoard",
      is: /^tensorboard$/,
      when: (words) => words.some((word) => /^--bind_all$|^--host=(?:0\.0\.0\.0|::)$/.test(word)),
    },
    {
      program: "Triton",
      is: /^tritonserver$/,
      when: (words) => words.join(" ").match(/--model-control-mode[= ](?:explicit|poll)/) !== null,
    },
  ];
const pod = (command: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    command: ${command}\n`;

export const mlOpenDashboard = defineRule({
  id: "k8s/ml-open-dashboard",
  title: "Notebooks, dashboards and model repositories ask who is there",
  severity: "high",
  why: "a notebook or a Ray dashboard runs any code for anyone; MLflow and Triton load whatever model they are told to",
  fix: "turn authentication on, or put the program behind a proxy that asks, and bind it to localhost",
  references: ["atlas:AML.T0049", "cve:2023-48022", "cwe:306", "attack:T1190"],
  subject: "manifest",
  *check(manifest) {
    for (const { name, value, path } of containersOf(manifest)) {
      const words = wordsOf(value);
      const found = openly.find(({ is, when }) => words.some((word) => is.test(word.split("/").at(-1)!)) && when(words));
      if (found !== undefined) {
        yield hitAt(manifest, [...path, "command"], {
          message: `container ${name} starts ${found.program} open to anyone`,
          scope: name,
        });
      }
    }
    if (manifest.kind !== "RayCluster" && manifest.kind !== "RayService" && manifest.kind !== "RayJob") return;
    const group =
      manifest.kind === "RayCluster"
        ? ["spec", "headGroupSpec"]
        : ["spec", manifest.kind === "RayJob" ? "rayClusterSpec" : "rayClusterConfig", "headGroupSpec"];
    const host = textAt(manifest.value, ...group, "rayStartParams", "dashboard-host");
    const type = textAt(manifest.value, ...group, "serviceType");
    if (host === "0.0.0.0" || host === "::") {
      yield hitAt(manifest, [...group, "rayStartParams", "dashboard-host"], {
        message: "its dashboard, which runs jobs, is open to the whole cluster",
      });
    }
    if (type === "LoadBalancer" || type === "NodePort") {
      yield hitAt(manifest, [...group, "serviceType"], {
        message: "its head, which runs jobs, is open to the outside",
        severity: "critical",
      });
    }
  },
  fixtures: {
    bad: [
      { name: "jupyter.yaml", content: pod(`[jupyter, lab, "--ServerApp.token=''"]`) },
      { name: "mlflow.yaml", content: pod("[sh, -c, 'mlflow server --host 0.0.0.0']") },
      { name: "triton.yaml", content: pod("[tritonserver, --model-control-mode=explicit]") },
      {
        name: "ray.yaml",
        content:
          "apiVersion: ray.io/v1\nkind: RayCluster\nmetadata: {name: r}\nspec:\n  headGroupSpec:\n    rayStartParams: {dashboard-host: 0.0.0.0}\n",
      },
    ],
    good: [
      { name: "token.yaml", content: pod("[jupyter, lab]") },
      { name: "auth.yaml", content: pod("[mlflow, server, --app-name, basic-auth]") },
    ],
  },
});
