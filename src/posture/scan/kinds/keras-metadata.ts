import { defineKind } from "../define.ts";
import { configsIn } from "./hdf5.ts";

/** `keras_metadata.pb` beside a SavedModel: a protocol buffer whose nodes carry the JSON of their layers, Lambda layers with their code. */
export const kerasMetadata = defineKind({
  id: "keras-metadata",
  title: "Keras metadata of a SavedModel",
  family: "model",
  order: 115,
  sniff: ({ head, text }) =>
    head[0] === 0x0a && /"(?:class_name|is_graph_network|build_input_shape|registered_name)"\s*:/.test(text),
  open: (source) => ({ subjects: [{ type: "keras-config", value: { code: configsIn(source) ?? [] } }] }),
});
