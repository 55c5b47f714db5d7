import { fileHit, octal } from "../../container/image/hits.ts";
import { defineRule } from "../../define.ts";
import { makeImage } from "../make-image.ts";

/** What distributions ship with the bit set: each is a way up that a service does not need. */
const usual =
  /^(?:usr\/)?(?:s?bin|lib\S*)\/(?:\S*\/)?(?:su|mount|umount|passwd|chsh|chfn|chage|expiry|gpasswd|newgrp|newuidmap|newgidmap|unix_chkpwd|pam_extrausers_chkpwd|ping|sudo|wall|write|write\.ul|bbsuid|ssh-agent|ssh-keysign|dbus-daemon-launch-helper|crontab|pkexec|polkit-agent-helper-1|fusermount3?|sg|utempter|doas|at|ntfs-3g|vmware-user-suid-wrapper|Xorg\.wrap|pppd)$/;
const shells =
  /(?:^|\/)(?:sh|bash|dash|ash|zsh|ksh|busybox|python[\d.]*|perl[\d.]*|ruby|node|env|find|vim?|awk|gawk|nmap|tar|cp)$/;

export const imageSetuid = defineRule({
  id: "container/image-setuid",
  title: "No file of the image gives its caller another user's rights",
  severity: "medium",
  why: "whoever gets code to run in the container becomes root through it, unless no_new_privs is set",
  fix: "take the bit away while building: find / -xdev -perm /6000 -type f -exec chmod a-s {} +",
  references: ["cis:4.8", "cwe:250", "attack:T1548.001"],
  subject: "image",
  *check(image) {
    for (const file of image.tree.files()) {
      if (file.type !== "file") continue;
      const executable = (file.mode & 0o111) !== 0;
      const [setuid, setgid] = [(file.mode & 0o4000) !== 0, (file.mode & 0o2000) !== 0 && executable];
      if (setuid || setgid) {
        const word = setuid ? "setuid" : "setgid";
        const severity = shells.test(file.path) && setuid ? "critical" : usual.test(file.path) ? "low" : "medium";
        const owner = setuid ? ` of user ${file.uid}` : "";
        yield fileHit(image, file, { message: `is ${word}${owner}, mode ${octal(file.mode)}`, severity });
      } else if (file.hasCapabilities) {
        yield fileHit(image, file, { message: "carries file capabilities (security.capability)" });
      }
    }
  },
  fixtures: {
    bad: [
      { name: "shell.tar", content: () => makeImage({ layers: [[{ name: "opt/helper", data: "x", mode: 0o4755 }]] }) },
      { name: "group.tar", content: () => makeImage({ layers: [[{ name: "usr/bin/wall", data: "x", mode: 0o2755 }]] }) },
    ],
    good: [
      { name: "plain.tar", content: () => makeImage({ layers: [[{ name: "opt/helper", data: "x", mode: 0o755 }]] }) },
      {
        name: "gone.tar",
        content: () =>
          makeImage({ layers: [[{ name: "opt/helper", data: "x", mode: 0o4755 }], [{ name: "opt/.wh.helper", data: "" }]] }),
      },
    ],
  },
});
