import { defineRule } from "../../define.ts";
import { raw } from "../raw.ts";

const file = (header: string, data = ""): (() => Uint8Array) =>
  raw(`${String.fromCharCode(header.length)}\0\0\0\0\0\0\0${header}${data}`);
const tensor = (begin: number, end: number): string => `{"dtype":"U8","shape":[2],"data_offsets":[${begin},${end}]}`;

export const safetensorsLayout = defineRule({
  id: "model/safetensors-layout",
  title: "safetensors file that breaks the format's rules",
  severity: "high",
  why: "readers disagree on what such a file holds, and bytes that belong to no tensor can carry anything",
  fix: "write the file again with the safetensors package or `modelkeep convert`",
  references: ["cwe:20", "cwe:190", "https://github.com/huggingface/safetensors#format"],
  subject: "safetensors",
  *check({ breaches }) {
    for (const breach of breaches) yield { message: breach };
  },
  fixtures: {
    bad: [
      { name: "overlap.safetensors", content: file(`{"a":${tensor(0, 2)},"b":${tensor(1, 3)}}`, "123") },
      { name: "hole.safetensors", content: file(`{"a":${tensor(2, 4)}}`, "1234") },
      { name: "twice.safetensors", content: file(`{"a":${tensor(0, 2)},"a":${tensor(0, 2)}}`, "12") },
      { name: "past.safetensors", content: file(`{"a":${tensor(0, 2)}}`, "1") },
    ],
    good: [{ name: "good.safetensors", content: file(`{"a":${tensor(0, 2)},"b":${tensor(2, 4)}}`, "1234") }],
  },
});
