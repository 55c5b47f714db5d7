import { imageHit } from "../../container/image/hits.ts";
import { defineRule } from "../../define.ts";
import { textAt } from "../../k8s/fields.ts";
import { makeImage } from "../make-image.ts";

export const imageRootUser = defineRule({
  id: "container/image-root-user",
  title: "The image runs as a user other than root",
  severity: "medium",
  why: "root in a container is root on the machine as soon as anything else gives way",
  fix: "build it with USER and a number, such as 65532",
  references: ["cis:4.1", "cwe:250", "attack:T1611"],
  subject: "image",
  *check(image) {
    if (image.config === undefined) return;
    const user = textAt(image.config, "config", "User") ?? "";
    const name = user.split(":")[0]!;
    if (name === "") yield imageHit(image, { message: "it names no user, so it runs as root" });
    else if (name === "root" || /^0+$/.test(name)) yield imageHit(image, { message: `it runs as ${user}` });
    else if (!/^\d+$/.test(name)) {
      const uid = uidOf(image.tree.get("etc/passwd")?.source?.read(0, 1 << 18), name);
      if (uid === 0) yield imageHit(image, { message: `it runs as ${user}, who is user 0 in /etc/passwd` });
    }
  },
  fixtures: {
    bad: [
      { name: "none.tar", content: () => makeImage({ layers: [[]], config: {} }) },
      { name: "zero.tar", content: () => makeImage({ layers: [[]], config: { User: "0:0" } }) },
      {
        name: "alias.tar",
        content: () =>
          makeImage({ layers: [[{ name: "etc/passwd", data: "root:x:0:0::/:\napp:x:0:0::/:\n" }]], config: { User: "app" } }),
      },
    ],
    good: [
      { name: "number.tar", content: () => makeImage({ layers: [[]] }) },
      {
        name: "name.tar",
        content: () => makeImage({ layers: [[{ name: "etc/passwd", data: "app:x:1000:0::/:\n" }]], config: { User: "app" } }),
      },
    ],
  },
});

/** The number of a user in passwd(5). */
function uidOf(passwd: Uint8Array | undefined, name: string): number | undefined {
  const line = new TextDecoder()
    .decode(passwd)
    .split("\n")
    .find((one) => one.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(":")[2]);
}
