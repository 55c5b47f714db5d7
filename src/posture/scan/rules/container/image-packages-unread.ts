import { imageHit } from "../../container/image/hits.ts";
import { unreadDatabases } from "../../container/image/packages.ts";
import { defineRule } from "../../define.ts";
import { makeImage } from "../make-image.ts";

export const imagePackagesUnread = defineRule({
  id: "container/image-packages-unread",
  title: "The packages of the image can be listed",
  severity: "medium",
  why: "a bill of materials in which the system's packages are missing looks like one without them",
  fix: "list them with rpm -qa inside the image, or build on a base whose database is read here (dpkg, apk)",
  references: ["cwe:1104", "https://cyclonedx.org/specification/overview/"],
  subject: "image",
  *check(image) {
    for (const path of unreadDatabases(image))
      yield imageHit(image, { message: `/${path} is an rpm database, which is not read` });
  },
  fixtures: {
    bad: [{ name: "rpm.tar", content: () => makeImage({ layers: [[{ name: "var/lib/rpm/rpmdb.sqlite", data: "x" }]] }) }],
    good: [{ name: "dpkg.tar", content: () => makeImage({ layers: [[{ name: "var/lib/dpkg/status", data: "" }]] }) }],
  },
});
