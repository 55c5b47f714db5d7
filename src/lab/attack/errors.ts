declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "attack/bad-threat": "a threat's norm, radii or bounds do not fit each other or the data";
    "attack/bad-params": "an attack does not take these parameters";
    "attack/bad-data": "examples or labels do not fit the model that is attacked";
    "attack/bad-constraint": "a constraint names a feature that is not there, or the data itself breaks it";
    "attack/unsupported-model": "attacks cannot drive a model with these inputs and outputs";
    "attack/needs-more": "the attack needs gradients or scores that the target does not give";
    "attack/unreachable": "the server that is attacked cannot be reached or does not speak the Open Inference Protocol";
    "attack/input-refused": "the server that is attacked does not take this input, because its detector flags it";
    "attack/refused": "the server that is attacked refuses to answer us any more";
    "attack/no-fonts": "the fonts with which text is drawn are not installed";
  }
}

export {};
