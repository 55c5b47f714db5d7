import { everyInstruction, lineHit } from "../../container/dockerfile/hits.ts";
import { defineRule } from "../../define.ts";

export const buildEscape = defineRule({
  id: "container/build-escape",
  title: "The build stays in its sandbox",
  severity: "high",
  why: "security=insecure and network=host give build steps the builder; an engine's socket gives them the machine",
  fix: "take the flag or the socket away",
  references: ["attack:T1611", "attack:T1610", "cwe:250"],
  subject: "dockerfile",
  *check(file) {
    for (const instruction of everyInstruction(file)) {
      const { name, text, flags, stage } = instruction;
      const flag = flags.find(
        ([key, value]) => (key === "security" && value === "insecure") || (key === "network" && value === "host"),
      );
      if (flag !== undefined) yield lineHit(instruction, stage, { message: `${name} asks for --${flag.join("=")}` });
      const socket = /(?:docker|containerd|crio|podman)\.sock\b/;
      if (
        (name === "VOLUME" || flags.some(([key]) => key === "mount")) &&
        socket.test(`${text} ${flags.map(String).join(" ")}`)
      ) {
        yield lineHit(instruction, stage, { message: `${name} takes the container engine's socket` });
      }
      if (name === "EXPOSE" && /(?:^|\s)22(?:\/tcp)?(?:\s|$)/.test(text)) {
        yield lineHit(instruction, stage, { message: "EXPOSE 22: a container is not logged into", severity: "medium" });
      }
    }
  },
  fixtures: {
    bad: [
      { name: "Dockerfile", content: "FROM a:1\nRUN --security=insecure make\nUSER 1\n" },
      { name: "socket", content: 'FROM a:1\nVOLUME ["/var/run/docker.sock"]\nUSER 1\n' },
      { name: "ssh", content: "FROM a:1\nEXPOSE 22 80\nUSER 1\n" },
    ],
    good: [{ name: "Dockerfile", content: "FROM a:1\nRUN --mount=type=cache,target=/c make\nEXPOSE 8080\nUSER 1\n" }],
  },
});
