// What scans are measured on: every file is made here, so that anyone can make it again.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** `count` pickles of a dictionary of `size` numbers each, every third hostile, as protocol 2 and 4 write them. */
export function picklesIn(folder, count, size = 40) {
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const entries = Array.from({ length: size }, (_, k) => `X\x06\0\0\0w${String(k + 100000).slice(1)}G?\xf0\0\0\0\0\0\0`).join(
      "",
    );
    const state = `\x80\x02}q\0(${entries}u.`;
    const hostile = `\x80\x02}q\0(${entries}uq\x01cposix\nsystem\nq\x02X\x02\0\0\0idq\x03\x85q\x04Rq\x05.`;
    writeFileSync(join(folder, `m${i}.pkl`), Buffer.from(i % 3 === 0 ? hostile : state, "latin1"));
  }
}

/** One pickle with `bytes` bytes of numbers in pieces of a mebibyte. */
export function largePickle(path, bytes) {
  const piece = Buffer.alloc(1 << 20, 7);
  const parts = [Buffer.from("\x80\x04]q\0(", "latin1")];
  for (let at = 0; at < bytes; at += piece.length) parts.push(Buffer.from([0x42, 0, 0, 0x10, 0]), piece);
  writeFileSync(path, Buffer.concat([...parts, Buffer.from("e.")]));
}

/** `count` Deployments, each in a file of its own, half of them with faults. */
export function manifestsIn(folder, count) {
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const context =
      i % 2 === 0 ? "{runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}" : "{privileged: true}";
    const text = `apiVersion: apps/v1
kind: Deployment
metadata: {name: app${i}, namespace: team${i % 7}, labels: {app: app${i}}}
spec:
  replicas: 2
  selector: {matchLabels: {app: app${i}}}
  template:
    metadata: {labels: {app: app${i}}}
    spec:
      automountServiceAccountToken: false
      containers:
        - name: main
          image: registry.example/app${i}:1.${i}
          ports: [{containerPort: 8080}]
          env: [{name: MODE, value: production}]
          resources: {limits: {cpu: 500m, memory: 256Mi}, requests: {cpu: 100m, memory: 128Mi}}
          livenessProbe: {httpGet: {path: /healthz, port: 8080}}
          securityContext: ${context}
---
apiVersion: v1
kind: Service
metadata: {name: app${i}, namespace: team${i % 7}}
spec: {selector: {app: app${i}}, ports: [{port: 80, targetPort: 8080}]}
`;
    writeFileSync(join(folder, `app${i}.yaml`), text);
  }
}
