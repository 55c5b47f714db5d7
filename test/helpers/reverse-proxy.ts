/** Reverse proxies of Debian's packages, each with a configuration of its own, on loopback, in the foreground. */
import { spawn, execFileSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";

export interface ReverseProxy {
  readonly port: number;
  /** The request id that each answer of the service carried, as the proxy saw it; "-" where it answered itself. */
  seen(): string[];
  stop(): Promise<void>;
}

/** nginx: keeps connections to the service open, and passes bodies on while they arrive. */
export function startNginx(upstreamPort: number): Promise<ReverseProxy> {
  return start("nginx", "/usr/sbin/nginx", (dir, port) => {
    const config = join(dir, "nginx.conf");
    writeFileSync(
      config,
      `daemon off; master_process off; pid ${dir}/pid; error_log ${dir}/error.log; worker_rlimit_nofile 4096;
       events { worker_connections 1024; }
       http {
         log_format seen '$upstream_http_x_request_id';
         access_log ${dir}/seen seen;
         client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
         upstream keep { server 127.0.0.1:${upstreamPort}; keepalive 8; }
         server {
           listen 127.0.0.1:${port}; listen 127.0.0.2:${port};
           location / {
             proxy_pass http://keep; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_request_buffering off;
             proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
           }
         }
       }`,
    );
    return ["-p", dir, "-c", config];
  });
}

/** HAProxy: hands connections to the service from client to client; with `announce` as PROXY protocol version 2. */
export function startHaproxy(upstreamPort: number, { announce = false } = {}): Promise<ReverseProxy> {
  return start("haproxy", "/usr/sbin/haproxy", (dir, port) => {
    const config = join(dir, "haproxy.cfg");
    writeFileSync(
      config,
      `global
  log stdout format raw local0
  maxconn 1024
defaults
  mode ${announce ? "tcp" : "http"}
  log global
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend front
  bind 127.0.0.1:${port},127.0.0.2:${port}
  ${announce ? "" : 'http-response capture res.hdr(x-request-id) len 64\n  log-format "seen %[capture.res.hdr(0)]"\n  option forwardfor'}
  default_backend keep
backend keep
  ${announce ? "" : "http-reuse always"}
  server keep 127.0.0.1:${upstreamPort} ${announce ? "send-proxy-v2" : ""}
`.replace(
        "http-response capture res.hdr(x-request-id) len 64",
        "declare capture response len 64\n  http-response capture res.hdr(x-request-id) id 0",
      ),
    );
    return ["-db", "-f", config];
  });
}

async function start(
  name: string,
  program: string,
  configure: (dir: string, port: number) => readonly string[],
): Promise<ReverseProxy> {
  if (!existsSync(program)) execFileSync("apt-get", ["install", "-y", "-qq", name], { stdio: "ignore" });
  const dir = mkdtempSync(join(tmpdir(), `modelkeep-${name}-`));
  const port = await freePort();
  const child: ChildProcess = spawn(program, configure(dir, port), { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  let complaints = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) {
      const gone = once(child, "close");
      child.kill("SIGKILL");
      await gone;
    }
    rmSync(dir, { recursive: true, force: true });
  };
  for (let attempt = 0; !(await listens(port)); attempt++) {
    if (attempt === 100 || child.exitCode !== null) throw new Error(`${name} did not start: ${complaints}`);
    await sleep(50);
  }
  const lines = (): string[] =>
    name === "nginx"
      ? (existsSync(join(dir, "seen")) ? readFileSync(join(dir, "seen"), "utf8") : "").split("\n")
      : printed.split("\n").flatMap((line) => /seen (.*)$/.exec(line)?.[1] ?? []);
  return { port, seen: () => lines().filter((line) => line !== ""), stop };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve((socket.destroy(), true)));
    socket.once("error", () => resolve(false));
  });
}
