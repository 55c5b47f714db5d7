import { malformed } from "../refuse.ts";
import type { ByteSource } from "../bytes/source.ts";
import { partOf } from "../bytes/source.ts";
import type { Member, Opened } from "../define.ts";
import { defineKind } from "../define.ts";
import type { ScanContext } from "../engine/context.ts";
import { restOf } from "../engine/rest.ts";
import { couldHappen, tracePickles } from "../pickle/trace.ts";
import type { PickleTrace } from "../pickle/trace.ts";

declare module "../subject.ts" {
  interface Subjects {
    pickle: PickleTrace;
  }
}

/** With a protocol number in front: all pickles of protocol 2 to 5, and those of PyTorch before 1.6. */
export const pickle = defineKind({
  id: "pickle",
  title: "Python pickle",
  family: "model",
  order: 90,
  sniff: ({ head }) => head[0] === 0x80 && head[1]! <= 5,
  open: (source, context) => opened(tracePickles(source), source, context),
});

/**
 * Anything else that an unpickler would take: it needs no magic number. A file counts when it reaches STOP, or when it would do
 * something before it fails; a word list that happens to begin with `c` does not.
 */
export const pickleByTrial = defineKind({
  id: "pickle-by-trial",
  title: "Python pickle without a protocol number",
  family: "model",
  order: 800,
  sniff: ({ source, sizeBytes }) => sizeBytes > 1 && isPickle(tracePickles(source)),
  open: (source, context) => ({ ...opened(tracePickles(source), source, context), kind: "pickle" }),
});

function isPickle({ count, refusals, opcodes, globals }: PickleTrace): boolean {
  if (count > 0) return opcodes > 1;
  const acts = refusals.filter(couldHappen);
  return acts.some(({ what, dangerous }) => what !== "import" || dangerous) || (globals.size > 0 && opcodes > 2);
}

function opened(trace: PickleTrace, source: ByteSource, { budget }: ScanContext): Opened {
  const failure = trace.failure === undefined ? undefined : malformed(`an unpickler stops: ${trace.failure}`);
  const members = trace.nested.map((bytes, i): Member => ({
    name: `nested-${i + 1}@${bytes.offset}`,
    open() {
      budget.spend(bytes.length); // each is read again from its first byte: nesting must not be for free
      return partOf(bytes.source, bytes.offset, bytes.length);
    },
  }));
  const kind = kindOf(trace);
  // Behind the pickles of an old PyTorch file lie its storages.
  if (trace.failure === undefined && kind !== "pytorch-legacy") members.push(...restOf(source, trace.end));
  return { kind, subjects: [{ type: "pickle", value: trace }], members, failure };
}

function kindOf({ values, globals }: PickleTrace): string {
  if (values[0] === 119547037146038801333356n) return "pytorch-legacy";
  return [...globals].some((name) => name.startsWith("joblib.numpy_pickle")) ? "joblib" : "pickle";
}
