/**
 * What checkov's checks mean, as cases of our own: for each id that docs/reference/checkov.md claims, a file that it fails and one that it
 * passes. The labels were taken with checkov 3.3.30 on these very files.
 */
import { describe, expect, it } from "vitest";
import { scanBytes } from "./scan-bytes.ts";

const pod = (spec: string, container = ""): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec:\n  ${spec === "" ? "restartPolicy: Always" : spec}\n  containers:\n  - name: c\n    image: r.example/i@sha256:${"a".repeat(64)}\n    ${container}\n`;
const deployed = (container: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: b}\nspec:\n  template:\n    spec:\n      containers:\n      - name: c\n        image: i\n        ${container}\n`;
const secure = (field: string): string => pod("", `securityContext: {${field}}`);
const role = (rule: string): string =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\nrules: [{${rule}}]\n`;
const docker = (line: string): string => `FROM r.example/i:1.0\n${line}\nUSER 65532\n`;

/** The id, our rule, what fails, what passes. */
const claims: readonly (readonly [id: string, rule: string, bad: string, good: string])[] = [
  [
    "CKV_K8S_8",
    "k8s/probes",
    deployed("readinessProbe: {tcpSocket: {port: 1}}"),
    deployed("livenessProbe: {tcpSocket: {port: 1}}\n        readinessProbe: {tcpSocket: {port: 1}}"),
  ],
  [
    "CKV_K8S_9",
    "k8s/probes",
    deployed("livenessProbe: {tcpSocket: {port: 1}}"),
    deployed("livenessProbe: {tcpSocket: {port: 1}}\n        readinessProbe: {tcpSocket: {port: 1}}"),
  ],
  [
    "CKV_K8S_11",
    "k8s/resource-limits",
    pod(""),
    pod("", "resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1, memory: 1Gi}}"),
  ],
  [
    "CKV_K8S_13",
    "k8s/resource-limits",
    pod("", "resources: {limits: {cpu: 1}}"),
    pod("", "resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1, memory: 1Gi}}"),
  ],
  ["CKV_K8S_14", "k8s/image-unpinned", pod("").replace(/@sha256:a+/, ":latest"), pod("")],
  ["CKV_K8S_16", "pss/privileged", secure("privileged: true"), secure("privileged: false")],
  ["CKV_K8S_17", "pss/host-namespaces", pod("hostPID: true"), pod("hostPID: false")],
  ["CKV_K8S_18", "pss/host-namespaces", pod("hostIPC: true"), pod("hostIPC: false")],
  ["CKV_K8S_19", "pss/host-namespaces", pod("hostNetwork: true"), pod("hostNetwork: false")],
  [
    "CKV_K8S_20",
    "pss/allow-privilege-escalation",
    secure("allowPrivilegeEscalation: true"),
    secure("allowPrivilegeEscalation: false"),
  ],
  ["CKV_K8S_22", "k8s/writable-root", secure("readOnlyRootFilesystem: false"), secure("readOnlyRootFilesystem: true")],
  [
    "CKV_K8S_25",
    "pss/capabilities-restricted",
    secure("capabilities: {add: [SYS_ADMIN]}"),
    secure("capabilities: {drop: [ALL]}"),
  ],
  ["CKV_K8S_26", "pss/host-ports", pod("", "ports: [{containerPort: 1, hostPort: 1}]"), pod("", "ports: [{containerPort: 1}]")],
  [
    "CKV_K8S_27",
    "k8s/host-path",
    pod("volumes: [{name: v, hostPath: {path: /var/run/docker.sock}}]"),
    pod("volumes: [{name: v, emptyDir: {}}]"),
  ],
  ["CKV_K8S_31", "pss/seccomp-profile-restricted", pod(""), pod("securityContext: {seccompProfile: {type: RuntimeDefault}}")],
  ["CKV_K8S_37", "pss/capabilities-restricted", secure("capabilities: {add: [NET_RAW]}"), secure("capabilities: {drop: [ALL]}")],
  ["CKV_K8S_38", "k8s/token-automount", pod("automountServiceAccountToken: true"), pod("automountServiceAccountToken: false")],
  [
    "CKV_K8S_39",
    "pss/capabilities-restricted",
    secure("capabilities: {add: [SYS_ADMIN]}"),
    secure("capabilities: {drop: [ALL]}"),
  ],
  [
    "CKV_K8S_49",
    "k8s/rbac-wildcard",
    role('apiGroups: [""], resources: [pods], verbs: ["*"]'),
    role('apiGroups: [""], resources: [pods], verbs: [get]'),
  ],
  [
    "CKV_K8S_158",
    "k8s/rbac-escalation",
    role("apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: [escalate]"),
    role("apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: [get]"),
  ],
  ["CKV_DOCKER_3", "container/root-user", "FROM r.example/i:1.0\nRUN true\n", docker("RUN true")],
  ["CKV_DOCKER_4", "container/add-remote", docker("ADD https://x.example/a.tar /a"), docker("COPY a.tar /a")],
  [
    "CKV_DOCKER_7",
    "container/base-unpinned",
    "FROM debian:latest\nUSER 65532\n",
    `FROM debian:12@sha256:${"a".repeat(64)}\nUSER 65532\n`,
  ],
  ["CKV_DOCKER_8", "container/root-user", "FROM r.example/i:1.0\nUSER root\n", docker("RUN true")],
  [
    "CKV2_DOCKER_2",
    "container/checks-turned-off",
    docker("RUN curl --insecure https://x.example -o a"),
    docker("RUN curl https://x.example -o a"),
  ],
  [
    "CKV2_DOCKER_3",
    "container/checks-turned-off",
    docker("RUN wget --no-check-certificate https://x.example"),
    docker("RUN wget https://x.example"),
  ],
];

const fires = (rule: string, text: string): boolean =>
  scanBytes(new TextEncoder().encode(text), "file").some(({ findings }) => findings.some((finding) => finding.rule === rule));

describe("the meaning of checkov's checks", () => {
  it.for(claims)("%s is %s", ([, rule, bad, good]) => {
    expect([fires(rule, bad), fires(rule, good)]).toEqual([true, false]);
  });
});
