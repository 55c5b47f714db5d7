import { fileHit, imageHit } from "../../container/image/hits.ts";
import { secretsOf } from "../../container/image/secret-files.ts";
import type { ImageFile } from "../../container/image/file-tree.ts";
import type { Image } from "../../container/image/image.ts";
import { defineRule } from "../../define.ts";
import type { Hit } from "../../define.ts";
import { entriesAt, listAt, textAt } from "../../k8s/fields.ts";
import { looksSecret, secretWord } from "../../secrets.ts";
import { makeImage } from "../make-image.ts";

const key = `-----BEGIN PRIVATE KEY-----\n${"MC4CAQAwBQYDK2VwBCIEIGludmVudGVkIGZvciBhIHRlc3Qgb2Ygb3Vycywgbm9uZQ".repeat(2)}\n-----END PRIVATE KEY-----\n`;

export const imageSecret = defineRule({
  id: "container/image-secret",
  title: "No layer and no setting of the image holds a secret",
  severity: "high",
  why: "whoever can pull the image can unpack every layer, also what a later one deletes",
  fix: "change the secret: it has been seen; mount it while building (RUN --mount=type=secret) and while running",
  references: ["cis:4.10", "cwe:798", "attack:T1552.001"],
  subject: "image",
  *check(image) {
    yield* settings(image);
    for (const file of image.tree.files()) yield* inFile(image, file, "");
    for (const file of image.tree.hidden)
      yield* inFile(image, file, "; a later layer deletes or replaces it, and it can still be unpacked");
  },
  fixtures: {
    bad: [
      { name: "key.tar", content: () => makeImage({ layers: [[{ name: "root/.ssh/id_ed25519", data: key }]] }) },
      {
        name: "deleted.tar",
        content: () => makeImage({ layers: [[{ name: "root/key.pem", data: key }], [{ name: "root/.wh.key.pem", data: "" }]] }),
      },
      {
        name: "opaque.tar",
        content: () => makeImage({ layers: [[{ name: "root/key.pem", data: key }], [{ name: "root/.wh..wh..opq", data: "" }]] }),
      },
      { name: "env.tar", content: () => makeImage({ layers: [[]], config: { User: "1", Env: ["DB_PASSWORD=hunter2hunter2"] } }) },
      {
        name: "npm.tar",
        content: () =>
          makeImage({ layers: [[{ name: "app/.npmrc", data: "//registry.npmjs.org/:_authToken=abcdef0123456789abcdef\n" }]] }),
      },
      {
        name: "history.tar",
        content: () =>
          makeImage({ layers: [[]], history: [{ created_by: "RUN |1 API_TOKEN=abcdef0123456789 /bin/sh -c make # buildkit" }] }),
      },
    ],
    good: [
      {
        name: "public.tar",
        content: () => makeImage({ layers: [[{ name: "a.pem", data: key.replaceAll("PRIVATE", "PUBLIC") }]] }),
      },
      {
        name: "env.tar",
        content: () => makeImage({ layers: [[]], config: { User: "1", Env: ["PATH=/bin", "TOKEN_FILE=/run/t"] } }),
      },
    ],
  },
});

function* settings(image: Image): Generator<Hit> {
  for (const variable of listAt(image.config, "config", "Env")) {
    const [name = "", ...rest] = String(variable).split("=");
    if (looksSecret(name, rest.join("="))) yield imageHit(image, { message: `its environment holds ${secretWord(name)}` });
  }
  for (const [name, value] of entriesAt(image.config, "config", "Labels")) {
    if (typeof value === "string" && looksSecret(name, value))
      yield imageHit(image, { message: `its label ${name} holds a secret` });
  }
  for (const [i, step] of listAt(image.config, "history").entries()) {
    const text = textAt(step, "created_by") ?? "";
    const found = [...text.matchAll(/\b([A-Za-z_]\w*)=("[^"]*"|'[^']*'|\S+)/g)].find(([, name, value]) =>
      looksSecret(name!, value!.replace(/^["']|["']$/g, "")),
    );
    // What ENV set stands in the environment, and is told there.
    if (found !== undefined && !/^(?:\/bin\/sh -c #\(nop\) +)?ENV /.test(text))
      yield imageHit(image, { message: `step ${i + 1} of its history holds ${secretWord(found[1]!)}` });
  }
}

function* inFile(image: Image, file: ImageFile, more: string): Generator<Hit> {
  if (file.type !== "file" || file.source === undefined) return;
  for (const { what, severity } of secretsOf(file.path, file.source)) {
    const hit = { message: `holds ${what}${more}` };
    yield fileHit(image, file, severity === undefined ? hit : { ...hit, severity });
  }
}
