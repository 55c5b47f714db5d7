/** Sequences and optionals. A sequence whose members are all known keeps them, so that joining it again has a known size. */
import type { ElementType } from "../../tensor.ts";
import { elementTypeOf } from "../../tensor.ts";
import { attributeOf } from "../../attribute.ts";
import { tensorType } from "../../graph.ts";
import type { Dim, ValueType } from "../../graph.ts";
import { asTensor } from "../abstract.ts";
import type { Abstract, Out } from "../abstract.ts";
import { sumOf } from "../broadcast.ts";
import type { NodeView, Rule, Rules } from "../node-view.ts";

/** Longer sequences are followed by their type only. */
const maxItems = 256;

const sequenceOf = (items: readonly Abstract[], of?: ValueType): Out => ({
  type: { kind: "sequence", of: of ?? common(items) },
  items: items.length <= maxItems ? items : undefined,
});

/** The type that all members have: same element type, dimensions where they agree. */
function common(items: readonly Abstract[]): ValueType | undefined {
  const types = items.map(asTensor);
  const first = types[0];
  if (first === undefined) return undefined;
  const sameRank = types.every((type) => type?.dims !== undefined && type.dims.length === first.dims?.length);
  if (!sameRank) return tensorType(first.elementType);
  return tensorType(
    first.elementType,
    first.dims?.map((dim, i) => (types.every((type) => type?.dims?.[i] === dim) ? dim : null)),
  );
}

const elementOf = (n: NodeView, input = 0): ValueType | undefined => {
  const type = n.inputs[input]?.type;
  return type?.kind === "sequence" || type?.kind === "optional" ? type.of : undefined;
};

const present = (n: NodeView, from = 0): readonly Abstract[] => n.inputs.slice(from).map((input) => input ?? { constant: false });

const at = (n: NodeView, input: number): number | undefined => {
  const given = n.elements(input)?.[0];
  return typeof given === "number" ? given : undefined;
};

const sequenceAt: Rule = (n) => {
  const items = n.inputs[0]?.items;
  const position = at(n, 1);
  const picked = position === undefined ? undefined : items?.at(position);
  return [picked ?? { type: elementOf(n) }];
};

const insert: Rule = (n) => {
  const items = n.inputs[0]?.items;
  const added = n.inputs[1];
  const position = n.has(2) ? at(n, 2) : items?.length;
  if (items === undefined || added === undefined || position === undefined) return [{ type: n.inputs[0]?.type }];
  return [sequenceOf(items.toSpliced(position, 0, added))];
};

const erase: Rule = (n) => {
  const items = n.inputs[0]?.items;
  const position = n.has(1) ? at(n, 1) : -1;
  if (items === undefined || position === undefined) return [{ type: n.inputs[0]?.type }];
  return [sequenceOf(items.toSpliced(position, 1), elementOf(n))];
};

const joined: Rule = (n) => {
  const items = n.inputs[0]?.items;
  const shapes = items?.map((item) => asTensor(item)?.dims);
  const elementType = elementTypeIn(elementOf(n));
  const first = shapes?.[0];
  if (shapes === undefined || first === undefined || shapes.some((dims) => dims === undefined)) {
    n.host.unbounded(n.node, "it joins a sequence whose length is not known");
    return [{ elementType }];
  }
  const stacked = n.int("new_axis", 0) === 1;
  const rank = first.length + (stacked ? 1 : 0);
  const axis = n.axis(n.int("axis", 0), rank);
  const dims: Dim[] = stacked
    ? first.toSpliced(axis, 0, shapes.length)
    : first.with(axis, sumOf(shapes.map((s) => s?.[axis] ?? null)));
  return [{ elementType, dims }];
};

const elementTypeIn = (type: ValueType | undefined): ElementType | undefined =>
  type?.kind === "tensor" ? type.elementType : undefined;

const splitToSequence: Rule = (n) => {
  const dims = n.dims(0);
  const elementType = n.elementType(0);
  if (dims === undefined || elementType === undefined) return [{ type: { kind: "sequence", of: undefined } }];
  const axis = n.axis(n.int("axis", 0), dims.length);
  const length = dims[axis]!;
  const keep = n.has(1) || n.int("keepdims", 1) === 1;
  const item = (size: Dim): Abstract => ({
    type: tensorType(elementType, keep ? dims.with(axis, size) : dims.toSpliced(axis, 1)),
    constant: false,
  });
  const sizes = pieces(n, length);
  if (sizes === undefined) return [{ type: { kind: "sequence", of: item(null).type } }];
  return [sequenceOf(sizes.map(item))];
};

function pieces(n: NodeView, length: Dim): readonly number[] | undefined {
  const given = n.has(1) ? n.elements(1) : [1];
  if (given === undefined || given.some((one) => typeof one !== "number" || one < 0)) return undefined;
  const isScalar = !n.has(1) || n.rank(1) === 0;
  if (!isScalar) return given as number[];
  const size = given[0] as number;
  if (typeof length !== "number" || size === 0 || length / size > maxItems) return undefined;
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => Math.min(size, length - i * size));
}

const sequenceMap: Rule = (n) => {
  const body = n.graph("body");
  const lists = n.inputs.map((input) => (input?.type?.kind === "sequence" ? input : undefined));
  const count = lists[0]?.items?.length;
  const inputs = n.inputs.map((input, i) =>
    lists[i] === undefined ? (input ?? { constant: false }) : { type: elementOf(n, i), constant: false },
  );
  if (count === undefined) n.host.unbounded(n.node, "it maps a sequence whose length is not known");
  const outputs = n.host.body(body, inputs, count);
  return outputs.map(({ type }) => ({ type: { kind: "sequence", of: type } }));
};

const makeOptional: Rule = (n) => {
  const declared = attributeOf(n.node, "type", "type");
  return [{ type: { kind: "optional", of: n.inputs[0]?.type ?? declared } }];
};

const optionalGet: Rule = (n) => {
  const input = n.inputs[0];
  return [input?.type?.kind === "optional" ? { type: input.type.of } : input];
};

export const sequences: Rules = {
  SequenceConstruct: (n) => [sequenceOf(present(n))],
  SequenceEmpty: (n) => {
    const elementType = elementTypeOf(n.int("dtype", 1)) ?? "float32";
    return [{ type: { kind: "sequence", of: tensorType(elementType) }, items: [] }];
  },
  SequenceAt: sequenceAt,
  SequenceInsert: insert,
  SequenceErase: erase,
  SequenceLength: (n) => [{ elementType: "int64", dims: [], elements: [n.inputs[0]?.items?.length ?? null] }],
  SequenceMap: sequenceMap,
  ConcatFromSequence: joined,
  SplitToSequence: splitToSequence,
  Optional: makeOptional,
  OptionalHasElement: () => [{ elementType: "bool", dims: [] }],
  OptionalGetElement: optionalGet,
};
