import { defineWriter } from "../define.ts";

/** For a program: the report as it is, on one line. */
export const json = defineWriter({ id: "json", title: "JSON", write: (report) => JSON.stringify(report) });
