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
  // A core reads about 100 MB of JSON tensors a second, on the thread that serves everybody: a mebibyte holds them up for 10 ms.
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
  maxJsonAnswerElements: z
    .int()
    .min(1)
    .max(2 ** 26)
    .default(2 ** 17)
    .describe("most elements of an answer that are written as JSON; more must be asked for in binary form; 131,072 by default"),
});

export type ProtocolLimits = z.output<typeof protocolLimits>;

/** What applies where the configuration says nothing. */
export const defaultProtocolLimits: ProtocolLimits = protocolLimits.parse({});
