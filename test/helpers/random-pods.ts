/** Random pods over every field that the Pod Security Standards read, mostly near the border between allowed and not. */

/** A source of numbers in [0, 1). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const volumes =
  "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret hostPath gcePersistentDisk awsElasticBlockStore gitRepo nfs iscsi glusterfs rbd flexVolume cinder cephfs flocker fc azureFile vsphereVolume quobyte azureDisk photonPersistentDisk portworxVolume scaleIO storageos".split(
    " ",
  );
const capabilities = "ALL NET_BIND_SERVICE CHOWN SYS_ADMIN NET_RAW KILL all CAP_CHOWN".split(" ");
const sysctls =
  "kernel.shm_rmid_forced net.ipv4.tcp_syncookies net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time net.ipv4.tcp_rmem net.ipv4.tcp_notsent_lowat kernel.msgmax".split(
    " ",
  );

/** One random pod. */
export function randomPod(next: () => number): object {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const maybe = <T>(share: number, make: () => T): T | undefined => (next() < share ? make() : undefined);
  const some = <T>(most: number, make: () => T): T[] => Array.from({ length: Math.floor(next() * (most + 1)) }, make);
  const profile = () =>
    pick([{}, { type: "RuntimeDefault" }, { type: "Localhost", localhostProfile: "p" }, { type: "Unconfined" }, { type: "" }]);
  const shared = (share: number) => ({
    runAsNonRoot: maybe(0.6, () => next() < 0.8),
    runAsUser: maybe(share, () => pick([0, 1, 65532])),
    seccompProfile: maybe(0.6, profile),
    appArmorProfile: maybe(share, profile),
    seLinuxOptions: maybe(share, () => ({
      type: maybe(0.7, () => pick(["container_t", "container_engine_t", "spc_t", ""])),
      user: maybe(0.2, () => pick(["u", ""])),
      role: maybe(0.2, () => "r"),
      level: "s0",
    })),
    windowsOptions: maybe(share, () => ({ hostProcess: maybe(0.7, () => next() < 0.4) })),
  });
  const handler = () => ({
    httpGet: maybe(0.5, () => ({ host: maybe(0.4, () => pick(["", "127.0.0.1", "h"])), port: 80 })),
    tcpSocket: maybe(0.3, () => ({ host: maybe(0.4, () => pick(["", "h"])), port: 80 })),
  });
  const container = (name: string) => ({
    name,
    image: "a",
    securityContext: maybe(0.85, () => ({
      ...shared(0.12),
      privileged: maybe(0.2, () => next() < 0.3),
      allowPrivilegeEscalation: maybe(0.9, () => next() < 0.1),
      procMount: maybe(0.12, () => pick(["Default", "Unmasked", ""])),
      capabilities: maybe(0.85, () => ({
        drop: maybe(0.9, () => ["ALL", ...some(1, () => pick(capabilities))].slice(next() < 0.1 ? 1 : 0)),
        add: maybe(0.25, () => some(2, () => pick(capabilities))),
      })),
    })),
    ports: maybe(0.3, () => some(2, () => ({ containerPort: 80, hostPort: maybe(0.2, () => pick([0, 80])) }))),
    livenessProbe: maybe(0.15, handler),
    readinessProbe: maybe(0.15, handler),
    startupProbe: maybe(0.1, handler),
    lifecycle: maybe(0.15, () => ({ postStart: maybe(0.5, handler), preStop: maybe(0.5, handler) })),
  });
  const annotations = () =>
    Object.fromEntries([
      ...some(1, () => [
        "seccomp.security.alpha.kubernetes.io/pod",
        pick(["runtime/default", "docker/default", "localhost/x", "unconfined", ""]),
      ]),
      ...some(1, () => [
        `container.seccomp.security.alpha.kubernetes.io/${pick(["c0", "i0", "nobody"])}`,
        pick(["runtime/default", "unconfined"]),
      ]),
      ...some(1, () => [
        `container.apparmor.security.beta.kubernetes.io/${pick(["c0", "nobody"])}`,
        pick(["runtime/default", "localhost/x", "unconfined", ""]),
      ]),
    ]);
  return {
    metadata: { name: "p", annotations: maybe(0.3, annotations) },
    spec: {
      hostNetwork: maybe(0.15, () => next() < 0.3),
      hostPID: maybe(0.1, () => next() < 0.3),
      hostIPC: maybe(0.1, () => next() < 0.3),
      hostUsers: maybe(0.25, () => next() < 0.4),
      os: maybe(0.2, () => ({ name: pick(["windows", "linux"]) })),
      securityContext: maybe(0.85, () => ({
        ...shared(0.08),
        sysctls: maybe(0.15, () => some(2, () => ({ name: pick(sysctls), value: "1" }))),
      })),
      volumes: maybe(0.5, () =>
        some(2, () => ({
          name: "v",
          ...(next() < 0.1 ? {} : { [next() < 0.75 ? pick(volumes.slice(0, 9)) : pick(volumes)]: {} }),
        })),
      ),
      initContainers: maybe(0.3, () => some(2, () => container("i0"))),
      containers: [container("c0"), ...some(1, () => container("c1"))],
      ephemeralContainers: maybe(0.15, () => [container("e0")]),
    },
  };
}
