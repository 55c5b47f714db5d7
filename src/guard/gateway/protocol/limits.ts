/** How much a request may ask us to hold or to do before its model's contract is consulted. */
import { z } from "zod";

/** Fields of the section `gateway:` that bound the wire format. */
export const protocolLimits = z.strictObject({
  maxBodyBytes: z
    .int()
    .min(1024)
    .max(2 ** 31 - 1)
    .default(2 ** 26)
    .describe("largest request body, bytes; 64 MiB by default"),
  // The thread that serves everybody reads 100 to 200 MB of JSON tensors a second: a mebibyte holds the others up for 5 to 10 ms.
  maxJsonBytes: z
    .int()
    .min(1024)
    .max(2 ** 28)
    .default(2 ** 20)
    .describe("largest JSON part of a request body, bytes; larger tensors must travel in binary form; 1 MiB by default"),
  maxTensorElements: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(2 ** 26)
    .describe("most elements in one tensor of a request; 67,108,864 by default"),
  maxRank: z.int().min(1).max(64).default(8).describe("most dimensions of one tensor of a request; 8 by default"),
  maxIdLength: z.int().min(1).max(65_536).default(256).describe("longest `id` of a request, characters; 256 by default"),
  // Writing a float takes 0.4 µs: these hold the others up for 15 ms.
  maxJsonAnswerElements: z
    .int()
    .min(1)
    .max(2 ** 26)
    .default(2 ** 15)
    .describe("most elements of an answer that are written as JSON; more must be asked for in binary form; 32,768 by default"),
});

export type ProtocolLimits = z.output<typeof protocolLimits>;

/** What applies where the configuration says nothing. */
export const defaultProtocolLimits: ProtocolLimits = protocolLimits.parse({});
