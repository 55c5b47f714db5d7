import { describe, expect, it } from "vitest";
import { defaultProtocolLimits } from "./limits.ts";
import { planBody, type RequestHeaders } from "./plan-body.ts";
import { refusalOf } from "../../../../test/helpers/requests.ts";

const plan = (headers: RequestHeaders) =>
  planBody(headers, { ...defaultProtocolLimits, maxBodyBytes: 10_000, maxJsonBytes: 1000 });
const refusal = (headers: RequestHeaders) => refusalOf(() => plan(headers));

describe("plan of a body", () => {
  it("takes the whole body for JSON when no header says otherwise", () => {
    expect(plan({ "content-length": "900" })).toEqual({ bodyBytes: 900, jsonBytes: 900 });
  });

  it("splits the body where Inference-Header-Content-Length says", () => {
    expect(plan({ "content-length": "9000", "inference-header-content-length": "120" })).toEqual({
      bodyBytes: 9000,
      jsonBytes: 120,
    });
  });

  it.for([undefined, "application/json", "application/json; charset=utf-8", "Application/JSON", "application/octet-stream"])(
    "takes the media type %s",
    (type) => {
      expect(plan({ "content-length": "5", "content-type": type })).toEqual({ bodyBytes: 5, jsonBytes: 5 });
    },
  );

  it.for(["text/plain", "multipart/form-data; boundary=x", "", "application/jsonp"])(
    "refuses the media type %j, which a browser may send across origins or which is not ours",
    (type) => {
      expect(refusal({ "content-length": "5", "content-type": type })).toMatchObject({
        code: "gateway/unsupported-media-type",
        status: 415,
      });
    },
  );

  it("refuses a compressed body", () => {
    const headers = { "content-length": "5", "content-encoding": "gzip" };
    expect(refusal(headers)).toMatchObject({ code: "gateway/unsupported-media-type", status: 415 });
    expect(plan({ "content-length": "5", "content-encoding": "identity" }).bodyBytes).toBe(5);
  });

  it("wants the length beforehand, because limits are charged by it", () => {
    expect(refusal({})).toMatchObject({ code: "gateway/length-required", status: 411 });
    expect(refusal({ "transfer-encoding": "chunked" })).toMatchObject({ code: "gateway/length-required", status: 411 });
    expect(refusal({ "transfer-encoding": "chunked", "content-length": "5" })).toMatchObject({ code: "gateway/length-required" });
  });

  it.for(["-1", "+5", " 5", "5 ", "0x5", "5e3", "5.0", "", "5, 5", "٥", "9".repeat(16), "5\u0000"])(
    "refuses the length %j",
    (length) => {
      expect(refusal({ "content-length": length })).toMatchObject({ code: "gateway/bad-header", status: 400 });
      const binary = { "content-length": "500", "inference-header-content-length": length };
      expect(refusal(binary)).toMatchObject({ code: "gateway/bad-header", status: 400 });
    },
  );

  it("refuses a header given twice", () => {
    const headers = { "content-length": "500", "inference-header-content-length": ["5", "6"] };
    expect(refusal(headers).code).toBe("gateway/bad-header");
  });

  it("refuses a JSON part longer than the body", () => {
    const headers = { "content-length": "500", "inference-header-content-length": "501" };
    expect(refusal(headers)).toMatchObject({ code: "gateway/bad-header", status: 400 });
  });

  it("refuses what is longer than the limits, and points large JSON to the binary form", () => {
    const binary = { "content-length": "10001", "inference-header-content-length": "10" };
    expect(refusal(binary)).toMatchObject({ code: "gateway/body-too-large", status: 413 });
    const json = refusal({ "content-length": "1001" });
    expect(json).toMatchObject({ code: "gateway/body-too-large", status: 413 });
    expect(json.hint).toContain("binary form");
  });
});
