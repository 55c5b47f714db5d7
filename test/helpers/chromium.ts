/** Runs a module in headless Chromium against the built package, as a page of one's own would: no bundler, no server-side help. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const types: Record<string, string> = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** The module finds `modelkeep/<room>` (portable faces) and `onnxruntime-web/<build>` under their names. */
const page = `<!doctype html><script type="importmap">
{"imports":{
  "modelkeep/error":"/dist/base/error/index.js","modelkeep/onnx":"/dist/model/onnx/index.js",
  "modelkeep/autodiff":"/dist/model/autodiff/index.js","modelkeep/runtime":"/dist/model/runtime/index.js",
  "modelkeep/data":"/dist/model/data/index.js","modelkeep/train":"/dist/model/train/index.js",
  "@noble/hashes/":"/node_modules/@noble/hashes/","@noble/curves/":"/node_modules/@noble/curves/",
  "onnxruntime-web/wasm":"/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs",
  "onnxruntime-web/webgpu":"/node_modules/onnxruntime-web/dist/ort.webgpu.min.mjs"}}</script>
<script type="module">
const tell = (body) => fetch("/told", { method: "POST", body: JSON.stringify(body) });
addEventListener("unhandledrejection", (event) => tell({ error: String(event.reason?.stack ?? event.reason) }));
addEventListener("error", (event) => tell({ error: String(event.message) }));
const { default: main } = await import("/script.js").catch((error) => (tell({ error: String(error.stack) }), {}));
if (main) tell({ value: await main() });
</script>`;

/**
 * What the module's default export, an async function without arguments, returned; as JSON.
 * @param script source of the module
 * @param files more files to serve, by path
 */
export async function inChromium<T>(script: string, files: Readonly<Record<string, Uint8Array>> = {}): Promise<T> {
  const binary = process.env["CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));
  if (binary === undefined) throw new Error("Chromium is needed: `apt-get install chromium`, or name its path in CHROMIUM");
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  let told!: (body: { value?: T; error?: string }) => void;
  const answer = new Promise<{ value?: T; error?: string }>((resolve) => (told = resolve));
  const server = createServer((request, response) => void serve(request, response));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = normalize(decodeURIComponent(new URL(request.url!, "http://page").pathname));
    // Cross-origin isolated: threads of WebAssembly need it.
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    if (path === "/told") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.end();
      return told(JSON.parse(Buffer.concat(chunks).toString()) as { value?: T; error?: string });
    }
    const body = path === "/" ? page : path === "/script.js" ? script : (files[path.slice(1)] ?? fromDisk(path));
    response.setHeader("content-type", path === "/" ? "text/html" : (types[extname(path)] ?? "application/octet-stream"));
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const flags = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--user-data-dir=${profile}`,
  ];
  // A group of its own, so that its helpers end with it.
  const browser = spawn(binary, [...flags, url], { stdio: "ignore", detached: true });
  const died = new Promise<never>((_, reject) => {
    browser.once("error", reject);
    browser.once("exit", (code) => reject(new Error(`Chromium ended with ${code} before the page had told anything`)));
  });
  try {
    const { value, error } = await Promise.race([answer, died]);
    if (error !== undefined) throw new Error(`in Chromium: ${error}`);
    return value as T;
  } finally {
    died.catch(() => {});
    const gone = new Promise((resolve) => browser.once("exit", resolve));
    if (browser.exitCode === null && killGroup(browser.pid)) await gone;
    server.closeAllConnections();
    server.close();
    sweep(profile);
  }
}

function killGroup(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(-pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** A helper of the browser that is still dying may write into the folder while it is removed; what is left of it is the system's to sweep. */
function sweep(profile: string): void {
  try {
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
  }
}

function fromDisk(path: string): Uint8Array | undefined {
  if (!/^\/(dist|node_modules\/(onnxruntime-web\/dist|@noble\/(hashes|curves)))\//.test(path)) return undefined;
  try {
    return readFileSync(join(root, path));
  } catch {
    return undefined;
  }
}
