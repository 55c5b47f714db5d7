import { quote } from "../../../../base/error/index.ts";
import { fromBase64 } from "../../../../base/crypto/index.ts";
import { defineRule } from "../../define.ts";
import { raw } from "../raw.ts";

export const hdf5Outside = defineRule({
  id: "model/hdf5-outside",
  title: "HDF5 file that reads other files",
  severity: "high",
  why: "loading the weights reads a file of the machine that the model chose, and hands it out as weights",
  fix: "copy the values into one file (h5repack, or h5py's copy with expand_external) where it can do no harm, and scan that",
  references: ["cwe:73", "cwe:610", "atlas:AML.T0010"],
  subject: "hdf5-outside",
  *check({ how, file }) {
    yield {
      message: file === undefined ? `by ${how} it takes values from another file` : `by ${how} it leads to ${quote(file)}`,
    };
  },
  fixtures: {
    bad: [
      {
        name: "link.h5",
        content: () =>
          fromBase64(
            "iUhERg0KGgoDCAgAAAAAAAAAAAD//////////7MAAAAAAAAAMAAAAAAAAACVVVaLT0hEUgIAeAISAAAAAP////////////////////8KAgABAAAGFwAAAQhAAWEQAAAvZXRjL3Bhc3N3ZAAveAAAPQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAL2R9Xw=",
          ),
      },
      {
        name: "storage.h5",
        content: () =>
          fromBase64(
            "iUhERg0KGgoDCAgAAAAAAAAAAAD///////////cBAAAAAAAAMAAAAAAAAAClbBVNT0hEUgIAeAISAAAAAP////////////////////8KAgABAAAGDAAAAQABZLMAAAAAAAAAAEgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABr7wDNPSERSAgEAAQEUAAACAQEBBAAAAAAAAAAEAAAAAAAAAAMMAAEQAAAAAQAAAAAACAAFAgABAwoHKAABAQAAAAEAAQC/AQAAAAAAAAgAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAgSAAADAf//////////BAAAAAAAAAAAjAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABzxIjMSEVBUAAAAAAYAAAAAAAAAAEAAAAAAAAA3wEAAAAAAAAAAAAAAAAAAC9ldGMvcGFzc3dkAAAAAAA=",
          ),
      },
    ],
    good: [{ name: "plain.h5", content: raw(`\x89HDF\r\n\x1a\n${"\0".repeat(88)}`) }],
  },
});
