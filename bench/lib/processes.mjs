import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

const ticksPerSecond = 100; // USER_HZ, which Linux fixes for user space

/** CPU seconds and resident megabytes of a process and all that it started. */
export function usage(pid) {
  const pids = familyOf(pid);
  let ticks = 0;
  let residentMb = 0;
  for (const each of pids) {
    try {
      const fields = readFileSync(`/proc/${each}/stat`, "utf8").split(") ").at(-1).split(" ");
      ticks += Number(fields[11]) + Number(fields[12]);
      residentMb += (Number(readFileSync(`/proc/${each}/statm`, "utf8").split(" ")[1]) * 4096) / 1e6;
    } catch {} // ended meanwhile
  }
  return { cpuSeconds: ticks / ticksPerSecond, residentMb };
}

function familyOf(pid) {
  const children = new Map();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const parent = Number(readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1).split(" ")[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {}
  }
  const family = [pid];
  for (const each of family) family.push(...(children.get(each) ?? []));
  return family;
}

/** Starts a program and waits for the line that `ready` recognises; hands back the process and what `ready` made of the line. */
export async function start(command, args, { ready, env = process.env, cwd } = {}) {
  const child = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => child.kill("SIGKILL"); // a bench that failed leaves nothing running
  process.once("exit", kill);
  child.once("close", () => process.off("exit", kill));
  const errors = [];
  child.stderr.on("data", (chunk) => errors.push(chunk));
  const value = await new Promise((resolve, reject) => {
    child.once("exit", (code) =>
      reject(new Error(`${command} ended with ${code}: ${Buffer.concat(errors).toString().slice(-2000)}`)),
    );
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = ready(line);
      if (found !== undefined) resolve(found);
    });
  });
  return {
    value,
    pid: child.pid,
    stop: () =>
      new Promise((resolve) => {
        child.removeAllListeners("exit");
        child.once("exit", resolve);
        child.kill("SIGTERM");
        setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
      }),
  };
}

/** A port that nobody has now. */
export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
