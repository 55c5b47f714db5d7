import { describe, expect, it } from "vitest";
import { createLogger, createPrometheusMeter } from "./index.node.ts";

function linesOf(act: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  act(createLogger({ level: "info", destination: { write: (line) => void lines.push(line) } }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("log lines", () => {
  it("carry level, time, message and fields, and nothing below the level", () => {
    const [line, ...rest] = linesOf((log) => {
      log.debug("quiet");
      log.info("model loaded", { model: "digits" });
    });
    expect(line).toMatchObject({ level: "info", message: "model loaded", model: "digits" });
    expect(Date.parse(line!["time"] as string)).toBeGreaterThan(0);
    expect(rest).toEqual([]);
  });

  it("for a person are one short line, whatever a field holds", () => {
    const lines: string[] = [];
    const log = createLogger({ level: "info", format: "text", destination: { write: (line) => void lines.push(line) } });
    log.warn("refused", { path: "a\n\u001b[2J", code: "x/y" });
    expect(lines).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d warn refused path=a\\u000a\\u001b\[2J code=x\/y\n$/)]);
  });

  it("never carry a secret, at the top or one level down", () => {
    const text = JSON.stringify(
      linesOf((log) => log.info("x", { authorization: "Bearer hunter2", headers: { cookie: "hunter2" }, key: "hunter2" })),
    );
    expect(text).not.toContain("hunter2");
    expect(text).toContain("[redacted]");
  });

  it("keep an error's code, message and cause on one line", () => {
    const [line] = linesOf((log) =>
      log.error("x", { error: new Error("outer\nline", { cause: Object.assign(new Error("inner"), { code: "ENOSPC" }) }) }),
    );
    expect(line!["error"]).toMatchObject({ message: "outer\nline", cause: { code: "ENOSPC", message: "inner" } });
  });

  it("keep a cause that stands in a field of its own", () => {
    const [line] = linesOf((log) => log.error("x", { code: "internal/unexpected", cause: new TypeError("boom") }));
    expect(line!["cause"]).toMatchObject({ message: "boom", stack: expect.stringContaining("TypeError") as string });
  });
});

describe("metrics", () => {
  it("are counted, distributed and read at the scrape", async () => {
    const meter = createPrometheusMeter();
    let depth = 3;
    meter.count("modelkeep_gateway_requests_total", { model: "digits" });
    meter.count("modelkeep_gateway_requests_total", { model: "digits" }, 2);
    meter.observe("modelkeep_gateway_request_seconds", 0.003);
    const stop = meter.gauge("modelkeep_runtime_queue_rows", () => depth, { model: "digits" });
    depth = 5;
    const { text } = await meter.scrape();
    expect(text).toContain('modelkeep_gateway_requests_total{model="digits"} 3');
    expect(text).toContain('modelkeep_gateway_request_seconds_bucket{le="0.005"} 1');
    expect(text).toContain('modelkeep_runtime_queue_rows{model="digits"} 5');
    stop();
    expect((await meter.scrape()).text).not.toContain("modelkeep_runtime_queue_rows{");
  });

  it("outlive the end of an older reader of the same series", async () => {
    const meter = createPrometheusMeter();
    const stopOld = meter.gauge("modelkeep_runtime_queued_rows", () => 1, { model: "digits/1" });
    meter.gauge("modelkeep_runtime_queued_rows", () => 2, { model: "digits/1" });
    stopOld();
    expect((await meter.scrape()).text).toContain('modelkeep_runtime_queued_rows{model="digits/1"} 2');
  });
});
