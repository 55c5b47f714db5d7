import { spawnSync } from "node:child_process";

/** Seconds of the processor, user and system, that a command and its children take; their words are thrown away. */
export function cpuSeconds(command, args, env = {}) {
  const script =
    "import resource,subprocess,sys\nsubprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL)\nu=resource.getrusage(resource.RUSAGE_CHILDREN)\nprint(u.ru_utime+u.ru_stime)";
  const { stdout, status } = spawnSync("python3", ["-c", script, command, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${command} could not be started`);
  return Number(stdout);
}
