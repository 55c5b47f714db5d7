/** What an example differs in from a pod that every level allows. */
interface Difference {
  readonly metadata?: object;
  /** Of the pod's spec. */
  readonly spec?: object;
  /** Of the pod's security context. */
  readonly security?: object;
  /** Of its only container. */
  readonly container?: object;
  /** Of the container's security context. */
  readonly own?: object;
}

/** A pod that every level allows, but for what is given. */
export function examplePod({ metadata = {}, spec = {}, security = {}, container = {}, own = {} }: Difference = {}): object {
  return {
    metadata: { name: "example", ...metadata },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" }, ...security },
      containers: [
        {
          name: "app",
          image: "registry.example/app",
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, ...own },
          ...container,
        },
      ],
      ...spec,
    },
  };
}
