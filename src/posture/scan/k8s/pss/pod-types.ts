/**
 * The types of the fields that the Pod Security Standards read. The API server refuses a pod in which one of them has another type;
 * a scanner that read `privileged: "true"` as "not true" would call such a pod clean.
 */
import type { FieldPath } from "../fields.ts";

type Shape = "boolean" | "string" | "integer" | "mapping" | Fields | readonly [Shape];
interface Fields {
  readonly [field: string]: Shape;
}

const seLinux: Fields = { type: "string", user: "string", role: "string", level: "string" };
const profile: Fields = { type: "string", localhostProfile: "string" };
const windows: Fields = { hostProcess: "boolean" };
const handler: Fields = { httpGet: { host: "string" }, tcpSocket: { host: "string" } };

const security: Fields = {
  privileged: "boolean",
  allowPrivilegeEscalation: "boolean",
  runAsNonRoot: "boolean",
  runAsUser: "integer",
  procMount: "string",
  capabilities: { add: ["string"], drop: ["string"] },
  seLinuxOptions: seLinux,
  seccompProfile: profile,
  appArmorProfile: profile,
  windowsOptions: windows,
};

const container: Fields = {
  name: "string",
  image: "string",
  securityContext: security,
  ports: [{ hostPort: "integer", containerPort: "integer" }],
  livenessProbe: handler,
  readinessProbe: handler,
  startupProbe: handler,
  lifecycle: { postStart: handler, preStop: handler },
};

const pod: Fields = {
  metadata: { annotations: "mapping" },
  spec: {
    hostNetwork: "boolean",
    hostPID: "boolean",
    hostIPC: "boolean",
    hostUsers: "boolean",
    os: { name: "string" },
    securityContext: {
      runAsNonRoot: "boolean",
      runAsUser: "integer",
      sysctls: [{ name: "string", value: "string" }],
      seLinuxOptions: seLinux,
      seccompProfile: profile,
      appArmorProfile: profile,
      windowsOptions: windows,
    },
    initContainers: [container],
    containers: [container],
    ephemeralContainers: [container],
    volumes: [{ name: "string" }],
  },
};

/** A field whose type the API server would refuse. */
export interface WrongType {
  readonly path: FieldPath;
  readonly wanted: string;
}

/** Every field of `value` that a control reads and that has the wrong type. */
export function wrongTypes(value: unknown): WrongType[] {
  const found: WrongType[] = [];
  visit({ value, shape: pod, path: [], found });
  return found;
}

function visit({ value, shape, path, found }: { value: unknown; shape: Shape; path: FieldPath; found: WrongType[] }): void {
  if (value === undefined || value === null) return;
  if (shape === "boolean" || shape === "string") {
    if (typeof value !== shape) found.push({ path, wanted: `a ${shape}` });
  } else if (shape === "integer") {
    if (!Number.isInteger(value)) found.push({ path, wanted: "an integer" });
  } else if (isList(shape)) {
    if (!Array.isArray(value)) found.push({ path, wanted: "a list" });
    else for (const [i, item] of value.entries()) visit({ value: item, shape: shape[0], path: [...path, i], found });
  } else if (typeof value !== "object" || Array.isArray(value)) {
    found.push({ path, wanted: "a mapping" });
  } else if (shape !== "mapping") {
    for (const [field, inner] of Object.entries(shape)) {
      if (Object.hasOwn(value, field)) {
        visit({ value: (value as Readonly<Record<string, unknown>>)[field], shape: inner, path: [...path, field], found });
      }
    }
  }
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}
