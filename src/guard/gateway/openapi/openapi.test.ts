import { describe, expect, it } from "vitest";
import { datatypes } from "../protocol/datatypes.ts";
import { openapiDocument } from "./openapi.ts";
import { decode } from "../../../../test/helpers/requests.ts";

interface Operation {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly responses: Record<
    string,
    { readonly headers?: object; readonly content?: Record<string, { readonly schema: unknown }> }
  >;
  readonly requestBody?: { readonly content: Record<string, { readonly example?: unknown }> };
}

interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Record<string, unknown>> };
}

const document = openapiDocument({ version: "1.2.3", url: "http://127.0.0.1:1" }) as unknown as Document;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  (["get", "post"] as const).flatMap((method) => (item[method] === undefined ? [] : [{ path, method, ...item[method] }])),
);

describe("the OpenAPI document", () => {
  it("has every path of the protocol", () => {
    expect(Object.keys(document.paths).sort()).toEqual([
      "/metrics",
      "/openapi.json",
      "/v2",
      "/v2/health/live",
      "/v2/health/ready",
      "/v2/models",
      "/v2/models/{model_name}",
      "/v2/models/{model_name}/infer",
      "/v2/models/{model_name}/ready",
      "/v2/models/{model_name}/versions/{model_version}",
      "/v2/models/{model_name}/versions/{model_version}/infer",
      "/v2/models/{model_name}/versions/{model_version}/ready",
    ]);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it("names no model, because names are told only to who may use them", () => {
    expect(JSON.stringify(document)).not.toContain("digits");
  });

  it("leads every reference to a schema, and uses every schema", () => {
    const used = new Set([...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([a-z_]+)"/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  it("describes each refusal with the error body and the request id", () => {
    for (const { path, responses } of operations) {
      for (const [status, { headers, content }] of Object.entries(responses)) {
        if (Number(status) < 400 || (path === "/v2/health/ready" && status === "503")) continue;
        expect(content, `${path} ${status}`).toEqual({ "application/json": { schema: { $ref: "#/components/schemas/error" } } });
        expect(Object.keys(headers!), `${path} ${status}`).toContain("x-request-id");
      }
    }
  });

  it("asks for a credential everywhere but at health and at itself", () => {
    const open = operations.filter(({ security }) => security?.length === 0).map(({ path }) => path);
    expect(open).toEqual(["/v2/health/live", "/v2/health/ready", "/openapi.json"]);
    for (const { responses, security } of operations) expect("401" in responses).toBe(security === undefined);
    const closed = openapiDocument({ version: "1", openHealth: false }) as unknown as Document;
    expect(closed.paths["/v2/health/live"]!["get"]!.security).toBeUndefined();
  });

  it("leaves metrics out where they have their own port", () => {
    const { paths } = openapiDocument({ version: "1", metrics: false }) as unknown as Document;
    expect(paths["/metrics"]).toBeUndefined();
  });

  it("shows a request that the reader takes, and all datatypes", () => {
    const { example } = document.paths["/v2/models/{model_name}/infer"]!["post"]!.requestBody!.content["application/json"]!;
    expect(decode(example).inputs[0]!.tensor.dims).toEqual([2, 2]);
    expect(document.components.schemas["datatype"]!["enum"]).toEqual(datatypes);
  });

  it("documents every status with which the reader refuses", () => {
    const documented = Object.keys(document.paths["/v2/models/{model_name}/infer"]!["post"]!.responses);
    for (const status of ["400", "411", "413", "415", "403"]) expect(documented).toContain(status);
  });
});
